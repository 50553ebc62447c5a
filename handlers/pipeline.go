package handlers

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"greengate/instance"
)

const (
	methodKey   = "method"   // gin context: the row, or another dialect, for logs and metrics
	instanceKey = "instance" // gin context: the instance's id, for logs
)

// serveInstance runs the pipeline of a method of an instance, in the order in which the real service checks: verb and method,
// instance, token, rate, then the call.
func (s *server) serveInstance(c *gin.Context) {
	row := s.find(c)
	if row == nil || row.onInstance == nil {
		s.notFound(c)
		return
	}
	i, err := s.authenticate(c, c.Param("token"))
	if err != nil {
		writeError(c, err)
		return
	} else if i == nil {
		return
	}
	if !s.allow(c, row, i.ID) {
		return
	}
	if !i.DeletedAt().IsZero() {
		writeError(c, &instance.Error{Kind: instance.KindDeleted})
		return
	}
	ctx := c.Request.Context()
	keep := func(file io.Reader, name string) (instance.StoredFile, error) { return i.SaveFile(ctx, file, name) }
	s.call(c, row, keep, func(request any) (any, error) { return row.onInstance(ctx, i, request) })
}

// authenticate finds the instance of the route and checks its token. A wrong token answers 401 without a body and returns nil.
func (s *server) authenticate(c *gin.Context, token string) (*instance.Instance, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, &instance.Error{Kind: instance.KindUnknownInstance}
	}
	c.Set(instanceKey, id)
	i, err := s.manager.Instance(instance.ID(id))
	if err != nil {
		return nil, err
	}
	if !i.Authenticate(instance.Token(token)) {
		unauthorized(c)
		return nil, nil
	}
	return i, nil
}

func unauthorized(c *gin.Context) {
	c.Header("Content-Type", "application/json")
	c.Status(http.StatusUnauthorized)
}

// servePartner runs the pipeline of a partner method.
func (s *server) servePartner(c *gin.Context) {
	row := s.find(c)
	if row == nil || row.onManager == nil {
		s.notFound(c)
		return
	}
	if !s.partner.Equal(instance.Token(c.Param("token"))) {
		writeError(c, partnerFailure{http.StatusUnauthorized, "Unauthorized"})
		return
	}
	if s.allow(c, row, 0) {
		s.call(c, row, nil, func(request any) (any, error) { return row.onManager(c.Request.Context(), s.manager, request) })
	}
}

// find looks the method up without regard to case and notes it for logs; nil when there is none for this verb.
func (s *server) find(c *gin.Context) *Method {
	row, ok := s.methods[strings.ToLower(c.Param("method"))]
	if !ok || !row.accepts(c.Request.Method) || row.Tail == "" && c.Param("tail") != "" {
		return nil
	}
	c.Set(methodKey, row.Name)
	return row
}

func (s *server) notFound(c *gin.Context) {
	writeEnvelope(c, http.StatusNotFound, "Cannot "+c.Request.Method+" "+maskedPath(c))
}

// allow applies the documented rate. The headers are those of the real service.
func (s *server) allow(c *gin.Context, row *Method, id instance.ID) bool {
	if row.ownLimit || s.unlimited {
		return true
	}
	left, wait := s.limits.take(id, row)
	c.Header("X-RateLimit-Replenish-Rate", strconv.FormatFloat(row.Rate, 'f', -1, 64))
	c.Header("X-RateLimit-Remaining", strconv.Itoa(left))
	if wait <= 0 {
		return true
	}
	setRetryAfter(c, wait)
	c.String(http.StatusTooManyRequests, "Too Many Requests")
	return false
}

// call decodes, calls and answers.
func (s *server) call(c *gin.Context, row *Method, keep keeper, handle func(any) (any, error)) {
	request, err := s.decode(c, row, keep)
	if err != nil {
		writeError(c, err)
		return
	}
	response, err := handle(request)
	if err != nil {
		writeError(c, err)
		return
	}
	if r, ok := response.(retrier); ok {
		setRetryAfter(c, r.RetryAfter())
	}
	if _, ok := response.(empty); ok {
		c.Header("Content-Type", "application/json; charset=utf-8")
		c.Status(http.StatusOK)
		return
	}
	writeJSON(c, http.StatusOK, response)
}

func (s *server) decode(c *gin.Context, row *Method, keep keeper) (any, error) {
	if row.Upload == "" {
		tail := map[string]string{}
		if text := c.Param("tail"); row.Tail != "" && text != "" {
			tail[row.Tail] = text
		}
		return decodeJSON(c.Request, row.Request, tail)
	}
	return decodeForm(c.Request, row, s.maxUpload, keep)
}
