package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cast"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

const envPrefix = "GREENGATE_"

// config is everything an operator can decide. keys gives its defaults, load its values.
type config struct {
	file string

	listen       string
	publicURL    string
	partnerToken string

	network       string
	proxy         string
	controlURL    string
	controlListen string

	dsn string

	files      string
	cacheBytes int64

	egressAllow []netip.Prefix

	bodyBytes          int64
	pictureInterval    time.Duration
	picturePixels      int64
	pictureMemoryBytes int64
	sendDelay          time.Duration
	correspondents     int
	methodRates        bool

	webhookRetry   time.Duration
	webhookTimeout time.Duration

	logLevel  string
	logFormat string

	wuts   wutsConfig
	gowa   gowaConfig
	wahost wahostConfig
}

// keys is the one place where a key is defined. The flag set is the table that everything else is read from: flags,
// environment names, the sample file, defaults and validation.
func (c *config) keys() *pflag.FlagSet {
	keys := pflag.NewFlagSet("", pflag.ContinueOnError)
	keys.SortFlags = false
	keys.Var(address(&c.listen, "127.0.0.1:8080"), "listen",
		"Host and port of the HTTP API. Put a TLS proxy in front before opening it to a network: tokens travel in the URL.")
	keys.Var(link(&c.publicURL, "http", "https"), "public_url",
		"Base URL under which clients reach this server, used in links it gives out. Empty: derived from listen.")
	keys.Var(secret(&c.partnerToken), "partner_token",
		"Token of the partner methods (createInstance, getInstances, deleteInstanceAccount). Empty: they refuse everyone.")
	keys.Var(choice(&c.network, "whatsapp", "sandbox"), "network",
		"The network accounts live on: the real WhatsApp, or a simulated one that needs no phone.")
	keys.Var(link(&c.proxy, "http", "https", "socks5"), "proxy",
		"Proxy for connections to WhatsApp, as http://, https:// or socks5:// URL. Empty: none.")
	keys.Var(link(&c.controlURL, "http"), "sandbox.control_url",
		"Control URL of a running 'greengate sandbox' to use as network. Empty: the sandbox runs inside this process.")
	keys.Var(address(&c.controlListen, "127.0.0.1:8090"), "sandbox.control_listen",
		"Host and port of the control API of a sandbox, whether it runs by itself or inside a server. Keep it on loopback.")
	keys.StringVar(&c.dsn, "store.dsn", "data/greengate.db",
		"Where everything is kept: the path of an SQLite file, whose folder is created when missing, or the "+
			"postgres://user:password@host/database URL of a PostgreSQL database. Only one greengate can use it at a time.")
	keys.StringVar(&c.files, "files.dir", "",
		"Folder for files: uploads, which are kept for 15 days, and a cache of received ones. Empty: files beside the database.")
	keys.Var(positive(&c.cacheBytes, 1<<30), "files.cache_bytes",
		"Bytes that the cache of received files may take on disk. What was dropped is fetched from WhatsApp again.")
	keys.Var(networks(&c.egressAllow), "egress.allow",
		"Private addresses that may be called when a user names one (webhookUrl, urlFile, links), comma-separated: networks such as 10.0.0.0/8, "+
			"or single addresses. All other loopback, private, link-local and reserved addresses are refused.")
	keys.Var(atLeast(&c.webhookRetry, time.Minute, time.Second), "webhook.retry",
		"Time after which a notification that a webhookUrl did not answer with 200 is posted again, for a day.")
	keys.Var(atLeast(&c.webhookTimeout, 3*time.Minute, time.Second), "webhook.timeout",
		"Time that a webhookUrl has to answer.")
	keys.Var(positive(&c.bodyBytes, 20<<20), "limits.body_bytes",
		"Largest request body in bytes.")
	keys.Var(atLeast(&c.pictureInterval, 10*time.Second, time.Millisecond), "limits.picture_interval",
		"Shortest time between two profile pictures of one instance, here and in the sandbox. WhatsApp refuses a faster pace.")
	keys.Var(positive(&c.picturePixels, 64<<20), "limits.picture_pixels",
		"Largest picture in pixels (width x height) that is decoded.")
	keys.Var(positive(&c.pictureMemoryBytes, 256<<20), "limits.picture_memory_bytes",
		"Memory in bytes that all pictures being decoded at one time may take together; further calls wait.")
	keys.Var(atLeast(&c.sendDelay, 500*time.Millisecond, 0), "limits.send_delay",
		"Shortest delaySendMessagesMilliseconds that an instance can be given. Sending faster may get a number banned.")
	keys.IntVar(&c.correspondents, "limits.correspondents", 0,
		"Chats that an instance may have in a calendar month; 0 for any number. Sending to others is refused with 466, and what comes "+
			"from them is kept and told as quotaExceeded.")
	keys.BoolVar(&c.methodRates, "limits.method_rates", true,
		"Refuse calls beyond the rates that GREEN-API documents, per instance and method, with 429.")
	keys.Var(choice(&c.logLevel, "info", "debug", "warn", "error"), "log.level",
		"Least important level that is logged.")
	keys.Var(choice(&c.logFormat, "text", "json"), "log.format",
		"Form of the log lines on standard error.")
	c.dialectKeys(keys)
	return keys
}

// load fills in what the command line left open, from the environment and then from the file, and refuses any key it does not
// know and any value that does not fit. Its errors name the keys and never show a secret.
func (c *config) load(keys *pflag.FlagSet) error {
	v := viper.New()
	known := map[string]string{}
	for _, key := range list(keys) {
		known[envName(key.Name)] = key.Name
		if err := v.BindEnv(key.Name, envName(key.Name)); err != nil {
			return fmt.Errorf("config: %w", err)
		}
	}
	if err := readFile(v, c.file); err != nil {
		return err
	}
	return errors.Join(unknownVariables(known), unknownKeys(v, known), assign(v, keys))
}

// list gives the keys in the order of their declaration.
func list(keys *pflag.FlagSet) []*pflag.Flag {
	var all []*pflag.Flag
	keys.VisitAll(func(key *pflag.Flag) { all = append(all, key) })
	return all
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// readFile reads the named file, or config.yaml in the working directory when none is named and one is there.
func readFile(v *viper.Viper, name string) error {
	if name == "" {
		name = "config.yaml"
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	v.SetConfigFile(name)
	v.SetConfigType("yaml")
	if err := v.ReadInConfig(); err != nil {
		return fmt.Errorf("config: %s: %w", name, err)
	}
	return nil
}

func unknownVariables(known map[string]string) error {
	var errs []error
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if _, ok := known[name]; strings.HasPrefix(name, envPrefix) && !ok {
			errs = append(errs, fmt.Errorf("config: unknown environment variable %s", name))
		}
	}
	return errors.Join(errs...)
}

func unknownKeys(v *viper.Viper, known map[string]string) error {
	var errs []error
	names := v.AllKeys()
	slices.Sort(names)
	for _, name := range names {
		if known[envName(name)] != name {
			errs = append(errs, fmt.Errorf("config: unknown key %s", name))
		}
	}
	return errors.Join(errs...)
}

func assign(v *viper.Viper, keys *pflag.FlagSet) error {
	var errs []error
	for _, key := range list(keys) {
		if key.Changed || !v.IsSet(key.Name) {
			continue
		}
		text, err := cast.ToStringE(v.Get(key.Name))
		if err != nil {
			err = errors.New("must be a single value")
		} else {
			err = key.Value.Set(text)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("config: %s: %w", key.Name, err))
		}
	}
	return errors.Join(errs...)
}
