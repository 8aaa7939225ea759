package fga

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"unicode"

	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// remote is an OpenFGA server that is spoken to over its HTTP interface
// (https://openfga.dev/api/service). It follows no redirect and uses no proxy: the
// token goes to the server that was named and nowhere else.
type remote struct {
	base   *url.URL
	token  string
	client *http.Client
}

// maxAnswer bounds an answer of a server, in bytes. A hundred tuples with all the
// context they may have stay below it, as do modelsPage models.
const maxAnswer = 16 << 20

// isRemote reports whether a location is an OpenFGA server.
func isRemote(location string) bool {
	scheme, _, ok := strings.Cut(location, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

func openRemote(ctx context.Context, location string, options Options) (service, error) {
	base, err := serverURL(location)
	if err != nil {
		return nil, err
	}
	token := options.Token.Expose()
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, &Error{Kind: Invalid, Op: "open", Err: errors.New("the token holds a space, a line break or what is not ASCII"), Hint: "give the token alone"}
	}
	dialer := &net.Dialer{}
	if base.Scheme == "http" {
		dialer.Control = onlyLoopback
	}
	r := &remote{base: base, token: token, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         dialer.DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: options.Roots},
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 64,
		},
	}}
	ctx, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	// What cannot be reached, or does not take the token, is known now and not at
	// the first step of a run.
	if err := r.call(ctx, http.MethodGet, "stores", url.Values{"page_size": {"1"}}, nil, &openfgav1.ListStoresResponse{}); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// serverURL reads the address of a server. It never repeats the text: it may hold
// a password.
func serverURL(location string) (*url.URL, error) {
	refuse := func(kind Kind, what, hint string) (*url.URL, error) {
		return nil, &Error{Kind: kind, Op: "open", Err: errors.New(what), Hint: hint}
	}
	u, err := url.Parse(location)
	switch {
	case err != nil || u.Hostname() == "":
		return refuse(Invalid, "the URL cannot be read", "expected https://host:port")
	case u.User != nil:
		return refuse(Refused, "the URL holds a name or a password", "hand the token over beside it")
	case u.RawQuery != "" || u.Fragment != "":
		return refuse(Invalid, "the URL has a query or a fragment", "expected https://host:port")
	case u.Scheme == "http" && elsewhere(u.Hostname()):
		return refuse(Refused, "questions and the token would cross the network in plain text", "use https://")
	}
	return u, nil
}

// onlyLoopback lets plain text go to this machine alone, whatever a name resolves
// to.
func onlyLoopback(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not this machine, and http:// is plain text", host)
	}
	return nil
}

func (r *remote) Close() { r.client.CloseIdleConnections() }

func (r *remote) Check(ctx context.Context, req *openfgav1.CheckRequest) (*openfgav1.CheckResponse, error) {
	resp := &openfgav1.CheckResponse{}
	return resp, r.call(ctx, http.MethodPost, pathOf(req.GetStoreId(), "check"), nil, req, resp)
}

func (r *remote) Read(ctx context.Context, req *openfgav1.ReadRequest) (*openfgav1.ReadResponse, error) {
	resp := &openfgav1.ReadResponse{}
	return resp, r.call(ctx, http.MethodPost, pathOf(req.GetStoreId(), "read"), nil, req, resp)
}

func (r *remote) Write(ctx context.Context, req *openfgav1.WriteRequest) (*openfgav1.WriteResponse, error) {
	resp := &openfgav1.WriteResponse{}
	return resp, r.call(ctx, http.MethodPost, pathOf(req.GetStoreId(), "write"), nil, req, resp)
}

// pathOf is the path of what lies in a store.
func pathOf(store string, what ...string) string {
	path := "stores/" + url.PathEscape(store)
	for _, part := range what {
		path += "/" + url.PathEscape(part)
	}
	return path
}

// call sends a message and reads the answer into another. Whatever is not a whole
// and readable answer is an error.
func (r *remote) call(ctx context.Context, method, path string, query url.Values, in, out proto.Message) error {
	var body io.Reader
	if in != nil {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(in)
		if err != nil {
			return status.Error(codes.InvalidArgument, "the question cannot be put into JSON: "+clean(err.Error()))
		}
		body = bytes.NewReader(text)
	}
	to := r.base.JoinPath(path)
	to.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, to.String(), body)
	if err != nil {
		return status.Error(codes.Internal, clean(err.Error()))
	}
	req.Header.Set("Content-Type", "application/json")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return broken(ctx, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return broken(ctx, err)
	}
	return answer(resp.StatusCode, text, out)
}

// broken says why no answer came.
func broken(ctx context.Context, err error) error {
	if late := ctx.Err(); late != nil {
		return late
	}
	return status.Error(codes.Unavailable, clean(err.Error()))
}

// answer reads what a server sent.
func answer(code int, text []byte, out proto.Message) error {
	switch {
	case len(text) > maxAnswer:
		return status.Errorf(codes.Internal, "the server's answer has more than %d bytes", maxAnswer)
	case code < 200 || code > 299:
		return fault(code, text)
	case out == nil:
		return nil
	}
	// A newer server may say more than is known here.
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, out); err != nil {
		return status.Error(codes.Internal, "the server's answer is not one of OpenFGA's: "+clean(err.Error()))
	}
	return nil
}

// fault reads an error of OpenFGA, or of what stands before it.
func fault(code int, text []byte) error {
	var said struct{ Code, Message string }
	if err := json.Unmarshal(text, &said); err == nil {
		for _, known := range []map[string]int32{openfgav1.ErrorCode_value, openfgav1.AuthErrorCode_value, openfgav1.NotFoundErrorCode_value,
			openfgav1.InternalErrorCode_value, openfgav1.UnprocessableContentErrorCode_value} {
			if n := known[said.Code]; n > 0 {
				return status.Error(codes.Code(n), clean(said.Message))
			}
		}
	}
	kind := codes.Unavailable
	switch code {
	case http.StatusUnauthorized:
		kind = codes.Unauthenticated
	case http.StatusForbidden:
		kind = codes.PermissionDenied
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		kind = codes.DeadlineExceeded
	}
	return status.Error(kind, strings.TrimSpace(fmt.Sprintf("the server answered %d %s %s", code, http.StatusText(code), clean(said.Message))))
}

// clean makes a text of somebody else's fit for an error: one line, no control
// characters, not long.
func clean(text string) string {
	const most = 500
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && r != ' ' {
			return ' '
		}
		return r
	}, text)
}
