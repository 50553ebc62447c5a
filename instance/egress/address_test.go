package egress_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"greengate/instance/egress"
	"greengate/instance/egress/egresstest"
)

var forbidden = []string{
	"0.0.0.0", "0.1.2.3", // this host
	"127.0.0.1", "127.255.255.254", "::1", // loopback
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", // private
	"fc00::1", "fd12:3456::1", "fec0::1",
	"169.254.0.1", "fe80::1", "fe80::1%eth0", // link-local
	"169.254.169.254", "fd00:ec2::254", "168.63.129.16", // metadata
	"100.64.0.1", "100.100.100.200", "100.127.255.255", // carriers
	"192.0.0.1", "192.0.0.192", "192.88.99.1", "2001:1::1", // protocols
	"192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1", // documentation
	"198.18.0.1", "198.19.255.255", "2001:2::1", // benchmarks
	"224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1", // multicast
	"240.0.0.1", "255.255.255.255", "::", "100::1", "4000::1", "5f00::1", // reserved, broadcast, discarded
	"::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1", // IPv4 inside
	"64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", // NAT64
	"2002:7f00:1::1", "2001:0:7f00:1::1", "3ffe::1", // 6to4, Teredo, 6bone
}

var public = []string{
	"1.0.0.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.0.0.1", "128.0.0.1", "169.253.0.1",
	"172.15.0.1", "172.32.0.1", "192.0.1.1", "192.167.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.254",
	"2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "2620:fe::9",
}

// literal writes an address as the host of a URL.
func literal(address string) string {
	if strings.Contains(address, ":") {
		return "http://[" + strings.Replace(address, "%", "%25", 1) + "]/"
	}
	return "http://" + address + "/"
}

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	try := func(address string, mayDial bool) {
		synctest.Test(t, func(t *testing.T) {
			internet := egresstest.New(t)
			internet.Name("name.example", address)
			e := internet.Egress()
			_, named := get(t, e, "http://name.example/")
			_, direct := get(t, e, literal(address))
			for _, err := range []error{named, direct, e.CheckURL(literal(address))} {
				if errors.Is(err, egress.ErrForbidden) == mayDial {
					t.Errorf("%s: %v", address, err)
				}
			}
			if want := map[bool]int{true: 2}[mayDial]; len(internet.Dials()) != want {
				t.Errorf("%s: dialled %v", address, internet.Dials())
			}
		})
	}
	for _, address := range forbidden {
		try(address, false)
	}
	for _, address := range public {
		try(address, true)
	}
}

func TestMappedAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Name("public.example", "::ffff:8.8.8.8")
		internet.Name("private.example", "::ffff:10.0.0.1")
		e := internet.Egress()
		for address, refused := range map[string]bool{
			"http://public.example/": false, "http://private.example/": true, // as the standard library resolves
			"http://[::ffff:8.8.8.8]/": true, "http://[::ffff:10.0.0.1]/": true, "http://[::ffff:7f00:1]/": true,
		} {
			if _, err := get(t, e, address); errors.Is(err, egress.ErrForbidden) != refused {
				t.Errorf("%s: %v", address, err)
			}
		}
		if want := []netip.AddrPort{netip.MustParseAddrPort("8.8.8.8:80")}; !slices.Equal(internet.Dials(), want) {
			t.Errorf("dialled %v", internet.Dials())
		}
	})
}

func TestAllowedNetsAreDialled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Serve("10.1.2.3", echo)
		internet.Serve("127.0.0.1", echo)
		internet.Name("n8n.lan", "10.1.2.3")
		internet.Name("localhost", "::1", "127.0.0.1")
		allow, err := egress.ParseAllow("10.1.0.0/16, 127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		e := internet.Egress(allow...)
		for _, address := range []string{"http://n8n.lan:5678/", "http://10.1.2.3/", "http://localhost/", "http://127.0.0.1:9000/"} {
			if _, err := get(t, e, address); err != nil || e.CheckURL(address) != nil {
				t.Errorf("%s: %v, %v", address, err, e.CheckURL(address))
			}
		}
		for _, address := range []string{"http://10.2.0.1/", "http://127.0.0.2/", "http://[::1]/"} {
			if _, err := get(t, e, address); !errors.Is(err, egress.ErrForbidden) || !errors.Is(e.CheckURL(address), egress.ErrForbidden) {
				t.Errorf("%s: %v, %v", address, err, e.CheckURL(address))
			}
		}
	})
}

func TestCheckURL(t *testing.T) {
	e := egress.New(egress.Policy{})
	for _, good := range []string{"http://example.com", "HTTPS://example.com:8443/a?b#c", "http://8.8.8.8/", "http://localhost.example/"} {
		if err := e.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "example.com/secret", "//example.com/secret", "ftp://example.com/secret", "file:///secret", "http://", "http:///secret",
		"http:secret", "http://%zz/secret", "http://a b/secret", "http://:80/secret", "http://example.com:x/secret", "javascript:secret",
		"http://localhost/secret", "http://LocalHost./secret", "http://a.localhost/secret", "http://secret:secret@10.0.0.1/secret?secret",
		"http://127.0.0.1.:80/secret", "http://[fe80::1%25eth0]/secret", "http://[::1/secret", "http://example.com/secret\n",
	} {
		if err := e.CheckURL(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestParseAllow(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "[]",
		"  ":                                "[]",
		"::1":                               "[::1/128]",
		" 10.0.0.0/8 ,192.168.1.7,fd00::/8": "[10.0.0.0/8 192.168.1.7/32 fd00::/8]",
		"0.0.0.0/0,::/0":                    "[0.0.0.0/0 ::/0]",
	} {
		nets, err := egress.ParseAllow(text)
		if got := "[" + strings.Join(texts(nets), " ") + "]"; err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"10.0.0.0/8,":           `"" is neither`,
		"localhost":             `"localhost" is neither`,
		"10.0.0.0/33":           `"10.0.0.0/33" is neither`,
		"10.0.0.0/8;10.1.0.0/8": `is neither a net such as 10.0.0.0/8 nor an IP address`,
		"fe80::1%eth0":          `"fe80::1%eth0" is neither`,
		"10.0.0.1/8":            "the net is 10.0.0.0/8",
		"::ffff:10.0.0.1":       "must be written as IPv4",
		"::ffff:10.0.0.0/104":   "must be written as IPv4",
	} {
		if _, err := egress.ParseAllow(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func texts(nets []netip.Prefix) []string {
	var list []string
	for _, net := range nets {
		list = append(list, net.String())
	}
	return list
}

// FuzzParseAllow holds that what was read says the same when written again.
func FuzzParseAllow(f *testing.F) {
	f.Add("10.0.0.0/8, fd00::/8,::1")
	f.Add("10.0.0.1/8")
	f.Add("::ffff:10.0.0.1")
	f.Fuzz(func(t *testing.T, text string) {
		nets, err := egress.ParseAllow(text)
		if err != nil {
			return
		}
		for _, net := range nets {
			if !net.IsValid() || net != net.Masked() || net.Addr().Is4In6() {
				t.Errorf("%q gave %v", text, net)
			}
		}
		if again, err := egress.ParseAllow(strings.Join(texts(nets), ",")); err != nil || !slices.Equal(again, nets) {
			t.Errorf("%q gave %v, then %v, %v", text, nets, again, err)
		}
	})
}
