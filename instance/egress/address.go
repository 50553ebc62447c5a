package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// ErrForbidden is the cause of every refusal of an address. Errors that wrap it name the host only.
var ErrForbidden = errors.New("the address is not public")

// globalUnicast is all of IPv6 that is given out for use across the internet. The rest is loopback, private, link-local,
// multicast, a wrapping of IPv4 (mapped, NAT64) or reserved.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// special holds IANA's special-purpose nets of IPv4 and of global unicast IPv6, and what a cloud answers itself.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),        // this host
	netip.MustParsePrefix("10.0.0.0/8"),       // private
	netip.MustParsePrefix("100.64.0.0/10"),    // shared by carriers
	netip.MustParsePrefix("127.0.0.0/8"),      // loopback
	netip.MustParsePrefix("168.63.129.16/32"), // Azure's host
	netip.MustParsePrefix("169.254.0.0/16"),   // link-local, metadata of clouds
	netip.MustParsePrefix("172.16.0.0/12"),    // private
	netip.MustParsePrefix("192.0.0.0/24"),     // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),     // documentation
	netip.MustParsePrefix("192.88.99.0/24"),   // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),   // private
	netip.MustParsePrefix("198.18.0.0/15"),    // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"),  // documentation
	netip.MustParsePrefix("203.0.113.0/24"),   // documentation
	netip.MustParsePrefix("224.0.0.0/3"),      // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),        // protocol assignments, Teredo, benchmarks
	netip.MustParsePrefix("2001:db8::/32"),    // documentation
	netip.MustParsePrefix("2002::/16"),        // 6to4
	netip.MustParsePrefix("3ffe::/16"),        // the former 6bone
	netip.MustParsePrefix("3fff::/20"),        // documentation
}

func (p Policy) allows(a netip.Addr) bool {
	a = a.WithZone("") // no prefix contains an address with a zone
	in := func(net netip.Prefix) bool { return net.Contains(a) }
	return slices.ContainsFunc(p.Allow, in) || (a.Is4() || in(globalUnicast)) && !slices.ContainsFunc(special, in)
}

// CheckURL tells at once, without looking anything up, what can never be called: another scheme than http and https, no host,
// and addresses and names of this machine or a private net that the policy does not allow. Its errors leave path and query out.
func (e *Egress) CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errors.New("must be a URL that starts with http:// or https://")
	}
	return e.CheckHost(u.Hostname())
}

// CheckHost is CheckURL for a host alone, whatever it is called for.
func (e *Egress) CheckHost(host string) error {
	if !e.policy.mayAllow(host) {
		return fmt.Errorf("%s: %w", host, ErrForbidden)
	}
	return nil
}

// mayAllow judges a host without looking it up.
func (p Policy) mayAllow(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return p.allows(netip.AddrFrom4([4]byte{127, 0, 0, 1})) || p.allows(netip.IPv6Loopback())
	}
	a, err := netip.ParseAddr(host)
	return err != nil || p.allows(a)
}

// ParseAllow reads a comma-separated list of nets (10.0.0.0/8, fd00::/8) and single addresses. An empty text is an empty list.
func ParseAllow(text string) ([]netip.Prefix, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var nets []netip.Prefix
	for item := range strings.SplitSeq(text, ",") {
		net, err := parseNet(strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		nets = append(nets, net)
	}
	return nets, nil
}

func parseNet(text string) (netip.Prefix, error) {
	net, err := netip.ParsePrefix(text)
	if a, addrErr := netip.ParseAddr(text); addrErr == nil && a.Zone() == "" {
		net, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	switch {
	case err != nil:
		return net, fmt.Errorf("%q is neither a net such as 10.0.0.0/8 nor an IP address", text)
	case net.Addr().Is4In6():
		return net, fmt.Errorf("%q must be written as IPv4", text)
	case net != net.Masked():
		return net, fmt.Errorf("%q has bits beyond its length; the net is %s", text, net.Masked())
	}
	return net, nil
}
