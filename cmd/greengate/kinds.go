package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"greengate/instance/egress"
)

// value is a configuration value of some kind: how it is read, checked and shown.
type value[T any] struct {
	to    *T
	kind  string
	parse func(string) (T, error)
	show  func(T) string
}

// Set checks the text and stores what it means; after an error the former value stays.
func (v value[T]) Set(text string) error {
	parsed, err := v.parse(text)
	if err != nil {
		return err
	}
	*v.to = parsed
	return nil
}

// String is the value as Set would take it.
func (v value[T]) String() string { return v.show(*v.to) }

// Type is the word that stands for the value in the help text.
func (v value[T]) Type() string { return v.kind }

func plain(s string) string { return s }

func address(to *string, def string) pflag.Value {
	*to = def
	return value[string]{to, "host:port", func(text string) (string, error) {
		_, port, err := net.SplitHostPort(text)
		if err != nil {
			return "", fmt.Errorf("%q is not host:port", text)
		}
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return "", fmt.Errorf("%q has no port between 0 and 65535", text)
		}
		return text, nil
	}, plain}
}

// link is an absolute URL of one of the schemes, or empty. Errors leave the URL out, since one may carry a password.
func link(to *string, schemes ...string) pflag.Value {
	return value[string]{to, "url", func(text string) (string, error) {
		if text == "" {
			return "", nil
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
			return "", fmt.Errorf("must be a URL that starts with %s://", strings.Join(schemes, ":// or "))
		}
		return strings.TrimRight(text, "/"), nil
	}, plain}
}

// checkedLink is a URL that passes a check, or empty.
func checkedLink(to *string, check func(string) error) pflag.Value {
	return value[string]{to, "url", func(text string) (string, error) {
		if text == "" {
			return "", nil
		}
		return text, check(text)
	}, plain}
}

// secret is a text that is never shown again. It stands in the path of a URL, which rules out some characters.
func secret(to *string) pflag.Value {
	return value[string]{to, "secret", func(text string) (string, error) {
		if strings.ContainsAny(text, "/?#% ") {
			return "", errors.New("must not contain a space or any of / ? # %")
		}
		return text, nil
	}, func(string) string { return "" }}
}

// secrets is a comma-separated list of entries that are never shown again. Errors tell the place of an entry, not its text; those of
// parse must keep it too.
func secrets[T any](to *[]T, parse func(string) (T, error)) pflag.Value {
	return value[[]T]{to, "list", func(text string) ([]T, error) {
		var all []T
		for n, entry := range strings.Split(text, ",") {
			if entry = strings.TrimSpace(entry); entry == "" {
				continue
			}
			one, err := parse(entry)
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", n+1, err)
			}
			all = append(all, one)
		}
		return all, nil
	}, func([]T) string { return "" }}
}

// networks is a list of networks and addresses.
func networks(to *[]netip.Prefix) pflag.Value {
	return value[[]netip.Prefix]{to, "list", egress.ParseAllow, func(all []netip.Prefix) string {
		texts := make([]string, 0, len(all))
		for _, prefix := range all {
			texts = append(texts, prefix.String())
		}
		return strings.Join(texts, ",")
	}}
}

// optionalAddress is an address or empty.
func optionalAddress(to *string) pflag.Value {
	given := address(to, "").(value[string])
	parse := given.parse
	given.parse = func(text string) (string, error) {
		if text == "" {
			return "", nil
		}
		return parse(text)
	}
	return given
}

// prefix is the first segment of a path, one that the main dialect does not use.
func prefix(to *string, def string) pflag.Value {
	*to = def
	return value[string]{to, "path", func(text string) (string, error) {
		name, slash := strings.CutPrefix(text, "/")
		if !slash || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", fmt.Errorf("%q is not a slash and a name of a-z, 0-9, - and _", text)
		}
		if slices.Contains([]string{"partner", "metrics", "healthz", "readyz"}, name) {
			return "", fmt.Errorf("%q is taken", text)
		}
		return text, nil
	}, plain}
}

// choice is one of the words; the first is the default.
func choice(to *string, words ...string) pflag.Value {
	*to = words[0]
	return value[string]{to, strings.Join(words, "|"), func(text string) (string, error) {
		if !slices.Contains(words, text) {
			return "", fmt.Errorf("%q is not one of %s", text, strings.Join(words, ", "))
		}
		return text, nil
	}, plain}
}

func positive(to *int64, def int64) pflag.Value {
	*to = def
	return value[int64]{to, "number", func(text string) (int64, error) {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return 0, fmt.Errorf("%q is not a whole number above 0", text)
		}
		return n, nil
	}, func(n int64) string { return strconv.FormatInt(n, 10) }}
}

func atLeast(to *time.Duration, def, least time.Duration) pflag.Value {
	*to = def
	return value[time.Duration]{to, "duration", func(text string) (time.Duration, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d < least {
			return 0, fmt.Errorf("%q is not a duration of at least %s", text, least)
		}
		return d, nil
	}, time.Duration.String}
}
