package handlers

import (
	"context"
	"net/http"

	"greengate/instance"
)

func proxyMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "getProxy", Verb: http.MethodGet, Rate: 1,
			Summary: "Read the proxy of the instance, its credentials masked; not in GREEN-API",
			Answer:  `{"proxy":"socks5://xxxxx:xxxxx@proxy.example.com:1080"}`,
		}, getProxy),
		forInstance(Method{
			Name: "setProxy", Verb: http.MethodPost, Rate: 1,
			Summary: "Set the proxy (http, https or socks5) that the next connection to WhatsApp goes through, empty for none; not in GREEN-API",
			Example: `{"proxy":"{{proxy}}"}`, Answer: `{"setProxy":true}`,
		}, setProxy),
	}
}

// GetProxyResponse has an empty proxy when the instance has none of its own.
type GetProxyResponse struct {
	Proxy string `json:"proxy"`
}

func getProxy(_ context.Context, i *instance.Instance, _ none) (GetProxyResponse, error) {
	return GetProxyResponse{i.Proxy()}, nil
}

// SetProxyRequest has a URL, or an empty text to go without a proxy of its own again.
type SetProxyRequest struct {
	Proxy *string `json:"proxy"`
}

func (r *SetProxyRequest) validate() error {
	if r.Proxy == nil {
		return invalid("'proxy' is required")
	}
	return nil
}

// SetProxyResponse confirms that the proxy is stored.
type SetProxyResponse struct {
	SetProxy bool `json:"setProxy"`
}

func setProxy(ctx context.Context, i *instance.Instance, r SetProxyRequest) (SetProxyResponse, error) {
	err := i.SetProxy(ctx, *r.Proxy)
	return SetProxyResponse{err == nil}, err
}
