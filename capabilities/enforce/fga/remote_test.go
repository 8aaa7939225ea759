package fga

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	gateway "github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	httperrors "github.com/openfga/openfga/pkg/middleware/http"
	"github.com/openfga/openfga/pkg/server"
	"github.com/openfga/openfga/pkg/server/config"
	fgaerrors "github.com/openfga/openfga/pkg/server/errors"
	"github.com/openfga/openfga/pkg/storage"
	"github.com/openfga/openfga/pkg/storage/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/secrets"
)

// openFGA is OpenFGA's own server behind its own HTTP interface, put together as
// its command does it. Its caches are on: answers must be fresh all the same.
func openFGA(t testing.TB, data storage.OpenFGADatastore, experiments ...string) http.Handler {
	t.Helper()
	srv, err := server.NewServerWithOpts(server.WithDatastore(data), server.WithRequestTimeout(time.Minute), server.WithExperimentals(experiments...),
		server.WithCheckQueryCacheEnabled(true), server.WithCheckQueryCacheTTL(time.Hour),
		server.WithCheckIteratorCacheEnabled(true), server.WithCheckIteratorCacheTTL(time.Hour))
	must(t, err)
	t.Cleanup(srv.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	inner := grpc.NewServer()
	openfgav1.RegisterOpenFGAServiceServer(inner, srv)
	served := make(chan error, 1)
	go func() { served <- inner.Serve(listener) }()
	t.Cleanup(func() { inner.Stop(); must(t, <-served) })
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	mux := gateway.NewServeMux(gateway.WithForwardResponseOption(httperrors.HTTPResponseModifier),
		gateway.WithErrorHandler(func(ctx context.Context, _ *gateway.ServeMux, _ gateway.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
			code := fgaerrors.ConvertToEncodedErrorCode(status.Convert(err))
			httperrors.CustomHTTPErrorHandler(ctx, w, r, fgaerrors.NewEncodedError(code, err.Error()))
		}))
	must(t, openfgav1.RegisterOpenFGAServiceHandler(context.Background(), mux, conn))
	return mux
}

// serve starts a server on a port of loopback and returns its URL.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func remoteMemory(t testing.TB) string {
	return serve(t, openFGA(t, memory.New(), config.ExperimentalInlineExpressions))
}

// TestRemoteFoundAgain: a server that was started anew, and an engine that was, know
// the tenants' stores and models by name and by contents, and nothing is made twice.
func TestRemoteFoundAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "server.db")
	tenants := []string{"a", "acme", strings.Repeat("x", 64)}
	stores := map[string]tenant{}
	for start := range 3 {
		data, err := openSQLite(context.Background(), file)
		must(t, err)
		t.Run("", func(t *testing.T) {
			e := open(t, serve(t, openFGA(t, data)), Options{Timeout: time.Minute})
			for _, name := range tenants {
				if start == 0 {
					setUp(t, e, name, acme)
					stores[name] = e.tenants[name]
				}
				must(t, e.Provision(context.Background(), name, model(t, files)))
				if e.tenants[name].store != stores[name].store || e.tenants[name].modelID != stores[name].modelID {
					t.Errorf("%s: %+v, was %+v", name, e.tenants[name], stores[name])
				}
				r := request()
				r.Tenant = name
				if d := e.Check(context.Background(), r); d.Verdict != decision.Allow {
					t.Errorf("start %d, %s: %+v", start, name, d)
				}
			}
			all := &openfgav1.ListStoresResponse{}
			must(t, e.server.(*remote).call(context.Background(), http.MethodGet, "stores", nil, nil, all))
			if len(all.GetStores()) != len(tenants) {
				t.Errorf("start %d: %d stores, want %d", start, len(all.GetStores()), len(tenants))
			}
		})
	}
	if len(stores) != len(tenants) || stores["a"].store == stores["acme"].store {
		t.Errorf("%+v", stores)
	}
}

// TestRemoteModels: a tenant's model changes and comes back; each has one id.
func TestRemoteModels(t *testing.T) {
	e := open(t, remoteMemory(t), Options{})
	ctx, ids := context.Background(), map[string]string{}
	for range 3 {
		for i := range modelsPage + 5 {
			text := strings.Replace(files, "type folder", "type more"+strings.Repeat("x", i)+"\ntype folder", 1)
			must(t, e.Provision(ctx, "acme", model(t, text)))
			now := e.tenants["acme"].modelID
			if was, known := ids[text]; known && was != now {
				t.Fatalf("%d: %s, was %s", i, now, was)
			}
			ids[text] = now
		}
	}
	if len(ids) != modelsPage+5 {
		t.Errorf("%d models", len(ids))
	}
}

// TestRemoteSeveralStores: where two stores have a tenant's name, none is used.
func TestRemoteSeveralStores(t *testing.T) {
	e := open(t, remoteMemory(t), Options{Timeout: time.Minute})
	r, ctx := e.server.(*remote), context.Background()
	var made []string
	for range 2 {
		created := &openfgav1.CreateStoreResponse{}
		must(t, r.call(ctx, http.MethodPost, "stores", nil, &openfgav1.CreateStoreRequest{Name: storeName("acme")}, created))
		made = append(made, created.GetId())
	}
	if err := e.Provision(ctx, "acme", model(t, files)); !errors.Is(err, Refused) || !strings.Contains(err.Error(), "several stores") {
		t.Fatalf("%v", err)
	}
	if d := e.Check(ctx, request()); d.Verdict != decision.Deny {
		t.Fatalf("%+v", d)
	}
	if left, err := r.stores(ctx, storeName("acme")); err != nil || len(left) != 2 {
		t.Fatalf("a store that somebody else made was deleted: %v %v", left, err)
	}
	must(t, r.call(ctx, http.MethodDelete, pathOf(made[0]), nil, nil, nil))
	must(t, e.Provision(ctx, "acme", model(t, files)))
	if got := e.tenants["acme"].store; got != made[1] {
		t.Errorf("store %s, want %s", got, made[1])
	}
}

// TestRemoteToken: without the token there is no engine, and no error shows it.
func TestRemoteToken(t *testing.T) {
	inner := openFGA(t, memory.New())
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer key-1" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"code":"unauthenticated","message":"unauthenticated"}`)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	for name, token := range map[string]string{"none": "", "wrong": "key-2", "line break": "key-1\r\nX: y"} {
		_, err := Open(context.Background(), at, Options{Guard: everybody, Token: secrets.New(token)})
		if err == nil || token != "" && strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := open(t, at, Options{Token: secrets.New("key-1")})
	setUp(t, e, "acme", acme)
	if d := e.Check(context.Background(), request()); d.Verdict != decision.Allow {
		t.Errorf("%+v", d)
	}
}

// TestRemoteRedirect: the token goes nowhere but to the server that was named.
func TestRemoteRedirect(t *testing.T) {
	var asked atomic.Bool
	elsewhere := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Store(true)
		_, _ = io.WriteString(w, `{"stores":[],"allowed":true}`)
	}))
	at := serve(t, http.RedirectHandler(elsewhere, http.StatusTemporaryRedirect))
	if _, err := Open(context.Background(), at, Options{Guard: everybody, Token: secrets.New("key")}); !errors.Is(err, Unreachable) {
		t.Errorf("%v", err)
	}
	if asked.Load() {
		t.Error("the redirect was followed")
	}
}

// TestRemoteTLS: a server must show who it is.
func TestRemoteTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(openFGA(t, memory.New()))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	if _, err := Open(context.Background(), s.URL, Options{Guard: everybody}); !errors.Is(err, Unreachable) {
		t.Errorf("an unknown authority: %v", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	e := open(t, s.URL+"/", Options{Roots: roots})
	setUp(t, e, "acme", acme)
	if d := e.Check(context.Background(), request()); d.Verdict != decision.Allow {
		t.Errorf("%+v", d)
	}
}

func TestRemoteRefuses(t *testing.T) {
	for location, want := range map[string]Kind{
		"http://fga.example.com": Refused, "HTTP://198.51.100.7:8080": Refused, "http://[2001:db8::1]:8080": Refused,
		"http://u:secret@127.0.0.1": Refused, "https://u:secret@fga.example.com": Refused,
		"https://": Invalid, "https://%zz:secret": Invalid, "https://fga.example.com?token=secret": Invalid, "https://fga.example.com#secret": Invalid,
		"http://127.0.0.1:1": Unreachable, "grpc://127.0.0.1:8081": Refused,
	} {
		_, err := Open(context.Background(), location, Options{Guard: everybody})
		if !errors.Is(err, want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %v", location, err, want)
		}
	}
	for address, ok := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "127.9.9.9:80": true, "10.0.0.1:80": false, "[2001:db8::1]:80": false, "0.0.0.0:80": false, "localhost": false} {
		if err := onlyLoopback("tcp", address, nil); (err == nil) != ok {
			t.Errorf("plain text to %s: %v", address, err)
		}
	}
}

// TestRemoteBroken: whatever a server, or what stands before it, says but a whole
// and plain yes is a denial.
func TestRemoteBroken(t *testing.T) {
	inner := openFGA(t, memory.New())
	var breaks atomic.Pointer[http.HandlerFunc]
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := breaks.Load(); h != nil {
			(*h)(w, r)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	e := open(t, at, Options{Timeout: 5 * time.Second})
	setUp(t, e, "acme", acme)
	says := func(code int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, text)
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"no":              says(200, `{"allowed":false}`),
		"nothing":         says(200, ``),
		"empty":           says(200, `{}`),
		"text for a yes":  says(200, `{"allowed":"true"}`),
		"cut":             says(200, `{"allowed":true`),
		"more after it":   says(200, `{"allowed":true}{"allowed":true}`),
		"a page":          says(200, `<html>sign in</html>`),
		"a yes that is a": says(403, `{"allowed":true}`),
		"gone":            says(404, `{"code":"store_id_not_found","message":"no"}`),
		"moved":           says(307, `{"allowed":true}`),
		"unavailable":     says(503, "\x1b[2Jbusy\r\n"),
		"code of nobody":  says(500, `{"code":"`+strings.Repeat("x", 2000)+`","message":"\u001b[2J"}`),
		"too much":        says(200, `{"allowed":true,"resolution":"`+strings.Repeat("x", maxAnswer)+`"}`),
		"hung up":         func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"hung up midway": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"allowed":true}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			breaks.Store(&h)
			d := e.Check(context.Background(), request())
			if d.Verdict != decision.Deny || d.Reason == "" || strings.ContainsFunc(d.Reason, unicode.IsControl) || len(d.Reason) > 1000 {
				t.Errorf("%+v", d)
			}
			breaks.Store(nil)
			if d := e.Check(context.Background(), request()); d.Verdict != decision.Allow {
				t.Errorf("afterwards: %+v", d)
			}
		})
	}
}

// TestRemoteLate: a server that does not answer is asked no longer than the time
// that was given.
func TestRemoteLate(t *testing.T) {
	inner, hang := openFGA(t, memory.New()), atomic.Bool{}
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hang.Load() {
			_, _ = io.Copy(io.Discard, r.Body) // or the end of the connection is not seen
			<-r.Context().Done()
			return
		}
		inner.ServeHTTP(w, r)
	}))
	e := open(t, at, Options{Timeout: time.Minute})
	setUp(t, e, "acme", acme)
	hang.Store(true)
	e.options.Timeout = 100 * time.Millisecond
	if ok, err := e.Query(context.Background(), Query{Tenant: "acme", User: "user:ada", Relation: "viewer", Object: "file:1"}); ok || !errors.Is(err, Late) {
		t.Errorf("%t %v", ok, err)
	}
	if err := e.Write(context.Background(), "acme", Change{Add: acme}); !errors.Is(err, Late) {
		t.Errorf("%v", err)
	}
	if _, err := Open(context.Background(), at, Options{Guard: everybody, Timeout: 100 * time.Millisecond}); !errors.Is(err, Late) {
		t.Errorf("%v", err)
	}
}

// FuzzAnswer: only a good status with a message of the right form is an answer, and
// no error carries what a terminal would obey.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"allowed":true}`))
	f.Add(400, []byte(`{"code":"validation_error","message":"no"}`))
	f.Add(502, []byte("<html>\x1b[2J"))
	f.Fuzz(func(t *testing.T, code int, text []byte) {
		got := &openfgav1.CheckResponse{}
		err := answer(code, text, got)
		if err == nil && (code < 200 || code > 299) || code >= 300 && got.GetAllowed() {
			t.Fatalf("%d %q is an answer", code, text)
		}
		if err != nil && strings.ContainsFunc(wrap("check", err).Error(), unicode.IsControl) {
			t.Fatalf("%q", err)
		}
	})
}
