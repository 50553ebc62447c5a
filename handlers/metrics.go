package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"greengate/instance"
)

// metrics are those of /metrics. Labels hold methods, statuses and states, never instances or numbers.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	manager  *instance.Manager
	states   *prometheus.Desc
	online   *prometheus.Desc
}

func newMetrics(manager *instance.Manager) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "greengate_request_duration_seconds",
			Help:    "Time to answer, by method and status.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10, 60},
		}, []string{"method", "status"}),
		manager: manager,
		states:  prometheus.NewDesc("greengate_instances", "Living instances, by state.", []string{"state"}, nil),
		online:  prometheus.NewDesc("greengate_instances_online", "Instances whose connection carries traffic.", nil, nil),
	}
	m.registry.MustRegister(m.requests, m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) count(method string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, strconv.Itoa(status)).Observe(took.Seconds())
}

// Describe and Collect make the instances a collector: they are counted when somebody looks.
func (m *metrics) Describe(descs chan<- *prometheus.Desc) {
	descs <- m.states
	descs <- m.online
}

// Collect counts the living instances.
func (m *metrics) Collect(values chan<- prometheus.Metric) {
	states, online := map[instance.State]int{}, 0
	for _, i := range m.manager.Instances() {
		if !i.DeletedAt().IsZero() {
			continue
		}
		states[i.Status().State]++
		if i.Online() {
			online++
		}
	}
	for state, n := range states {
		values <- prometheus.MustNewConstMetric(m.states, prometheus.GaugeValue, float64(n), string(state))
	}
	values <- prometheus.MustNewConstMetric(m.online, prometheus.GaugeValue, float64(online))
}
