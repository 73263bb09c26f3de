package jwtverify_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	jwtverify "github.com/jwtverify/jwtverify/ffi-c/go"
)

// issuer serves a key set and a discovery document.
type issuer struct {
	*httptest.Server
	document atomic.Pointer[[]byte]
	status   atomic.Int32
	requests atomic.Int32
	hold     atomic.Pointer[chan struct{}]
}

func startIssuer(t *testing.T, start func(http.Handler) *httptest.Server, signers ...*signer) *issuer {
	t.Helper()
	i := &issuer{}
	i.publish(signers...)
	i.status.Store(http.StatusOK)
	mux := http.NewServeMux()
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, r *http.Request) {
		i.requests.Add(1)
		if hold := i.hold.Load(); hold != nil {
			<-*hold
		}
		w.WriteHeader(int(i.status.Load()))
		w.Write(*i.document.Load())
	})
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/jwks"})
	})
	i.Server = start(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) publish(signers ...*signer) {
	document := jwks(signers...)
	i.document.Store(&document)
}

// joined verifies tokens of the issuer "me" by the keys of i.
func joined(t *testing.T, config_ jwtverify.RemoteConfig) (*jwtverify.JwksVerifier, *jwtverify.RemoteJwks) {
	t.Helper()
	remote, err := config_.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remote.Close() })
	verifier, err := jwtverify.NewJwksVerifier(mustVerifier(t, config()), remote)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { verifier.Close() })
	return verifier, remote
}

func TestKeysAreFetchedOnFirstUseAndKept(t *testing.T) {
	key := newSigner(t, "one")
	i := startIssuer(t, httptest.NewServer, key)
	for name, config := range map[string]jwtverify.RemoteConfig{
		"by URL":       {URL: i.URL + "/jwks"},
		"by discovery": {Issuer: i.URL},
	} {
		t.Run(name, func(t *testing.T) {
			i.requests.Store(0)
			verifier, remote := joined(t, config)
			ctx := t.Context()
			if _, err := verifier.VerifyAt(ctx, "rubbish", now); !errors.Is(err, jwtverify.ErrTokenSegments) {
				t.Error(err)
			}
			if status, err := remote.Status(); err != nil || status.State != "cold" || i.requests.Load() != 0 {
				t.Errorf("rubbish caused a fetch: %+v %v", status, err)
			}
			for range 3 {
				verified, err := verifier.VerifyAt(ctx, key.mint(claims(nil)), now)
				if err != nil {
					t.Fatal(err)
				}
				if kid, _ := verified.Kid(); kid != "one" {
					t.Errorf("kid %q", kid)
				}
			}
			if _, err := verifier.Verify(ctx, key.mint(claims(nil))); !errors.Is(err, jwtverify.ErrExpired) {
				t.Errorf("by the system's clock: %v", err)
			}
			jws, err := verifier.VerifyJWS(ctx, key.sign(map[string]any{"alg": "ES256"}, []byte("x")))
			if err != nil || string(jws.Payload()) != "x" {
				t.Errorf("%v", err)
			}
			keys, err := remote.Keys(ctx)
			if err != nil || keys.Len() != 1 {
				t.Errorf("%v", err)
			}
			defer keys.Close()
			status, err := remote.Status()
			if err != nil || status.State != "fresh" || len(status.Kids) != 1 || status.LastFetch == nil {
				t.Errorf("%+v %v", status, err)
			}
			if requests := i.requests.Load(); requests != 1 {
				t.Errorf("%d requests", requests)
			}
		})
	}
}

func TestATokenThatComesBackIsAnsweredFromTheCache(t *testing.T) {
	key, other := newSigner(t, "one"), newSigner(t, "two")
	i := startIssuer(t, httptest.NewServer, key)
	_, remote := joined(t, jwtverify.RemoteConfig{URL: i.URL + "/jwks"})
	cache, err := jwtverify.TokenCacheConfig{Entries: 10, Lifetime: time.Hour}.New()
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	verifier, err := jwtverify.NewCachedJwksVerifier(mustVerifier(t, config()), remote, cache)
	if err != nil {
		t.Fatal(err)
	}
	defer verifier.Close()
	ctx, token := t.Context(), key.mint(claims(nil))
	for range 3 {
		if _, err := verifier.VerifyAt(ctx, token, now); err != nil {
			t.Fatal(err)
		}
	}
	usage, err := cache.Usage()
	if err != nil || usage.Entries != 1 || usage.Hits != 2 || usage.Misses != 1 || usage.Bytes == 0 {
		t.Errorf("%+v %v", usage, err)
	}
	if _, err := verifier.Verify(ctx, token); !errors.Is(err, jwtverify.ErrExpired) {
		t.Errorf("its time was not looked at again: %v", err)
	}
	i.publish(other)
	if err := remote.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.VerifyAt(ctx, token, now); err == nil {
		t.Error("a withdrawn key still answers")
	}
}

func TestSettingsOfATokenCacheHaveARange(t *testing.T) {
	for _, config := range []jwtverify.TokenCacheConfig{
		{Entries: -1}, {Entries: 65_537}, {MaxBytes: 1}, {MaxBytes: -1},
		{Lifetime: time.Millisecond}, {Lifetime: 1500 * time.Millisecond}, {Lifetime: 2 * time.Hour},
		{Lifetime: -time.Second},
	} {
		if _, err := config.New(); !errors.Is(err, jwtverify.ErrMisuseArgument) {
			t.Errorf("%+v: %v", config, err)
		}
	}
	var zero jwtverify.TokenCache
	if _, err := zero.Usage(); !errors.Is(err, jwtverify.ErrClosed) {
		t.Errorf("zero value: %v", err)
	}
	closed, err := jwtverify.TokenCacheConfig{}.New()
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if _, err := closed.Usage(); !errors.Is(err, jwtverify.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	_, remote := joined(t, jwtverify.RemoteConfig{URL: "https://idp.example/jwks"})
	rules := mustVerifier(t, config())
	if _, err := jwtverify.NewCachedJwksVerifier(rules, remote, nil); !errors.Is(err, jwtverify.ErrMisuseNull) {
		t.Errorf("nil: %v", err)
	}
	if _, err := jwtverify.NewCachedJwksVerifier(rules, remote, closed); !errors.Is(err, jwtverify.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestRotationAndOutage(t *testing.T) {
	one, two, three := newSigner(t, "one"), newSigner(t, "two"), newSigner(t, "three")
	i := startIssuer(t, httptest.NewServer, one)
	// Unknown key ids may cause two fetches at once, so soon after the first fetch too.
	verifier, remote := joined(t, jwtverify.RemoteConfig{URL: i.URL + "/jwks", MissSpacing: -1})
	ctx := t.Context()
	if _, err := verifier.VerifyAt(ctx, one.mint(claims(nil)), now); err != nil {
		t.Fatal(err)
	}
	// The zero Time is now, and the token has expired since; it is not the year 1.
	if _, err := verifier.VerifyAt(ctx, one.mint(claims(nil)), time.Time{}); !errors.Is(err, jwtverify.ErrExpired) {
		t.Errorf("at the zero Time: %v", err)
	}
	i.publish(two)
	if _, err := verifier.VerifyAt(ctx, two.mint(claims(nil)), now); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
	if _, err := verifier.VerifyAt(ctx, one.mint(claims(nil)), now); !errors.Is(err, jwtverify.ErrKeyNotFound) {
		t.Errorf("the old key is gone: %v", err)
	}
	// Whether there is another key may not be asked so soon.
	_, err := verifier.VerifyAt(ctx, three.mint(claims(nil)), now)
	var detail *jwtverify.Error
	if !errors.As(err, &detail) || !errors.Is(err, jwtverify.ErrUnavailable) {
		t.Fatalf("%v", err)
	}
	if detail.HTTPStatus != 503 || detail.RetryAfter <= 0 || detail.RetryAfter > 30*time.Second ||
		detail.WWWAuthenticate != "" || !strings.Contains(detail.Diagnosis, "two") {
		t.Errorf("%+v", detail)
	}
	i.status.Store(http.StatusInternalServerError)
	if err := remote.Refresh(ctx); !errors.Is(err, jwtverify.ErrUnavailableStatus) {
		t.Errorf("%v", err)
	}
	if _, err := verifier.VerifyAt(ctx, two.mint(claims(nil)), now); err != nil {
		t.Errorf("during the outage: %v", err)
	}
}

func TestTheContextEndsTheWait(t *testing.T) {
	key := newSigner(t, "one")
	i := startIssuer(t, httptest.NewServer, key)
	hold := make(chan struct{})
	i.hold.Store(&hold)
	verifier, remote := joined(t, jwtverify.RemoteConfig{URL: i.URL + "/jwks", Timeout: time.Minute, ConnectTimeout: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	outcome := make(chan error)
	go func() {
		_, err := verifier.VerifyAt(ctx, key.mint(claims(nil)), now)
		outcome <- err
	}()
	for i.requests.Load() == 0 { // until the fetch is on its way
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-outcome; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	// Closing does not wait for the fetch either, and does not pull anything from under it.
	remote.Close()
	if _, err := verifier.VerifyAt(ctx, key.mint(claims(nil)), now); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended already: %v", err)
	}
	close(hold)
	// What was fetched in the background serves the next one.
	if _, err := verifier.VerifyAt(t.Context(), key.mint(claims(nil)), now); err != nil {
		t.Errorf("%v", err)
	}
	if requests := i.requests.Load(); requests != 1 {
		t.Errorf("%d requests", requests)
	}
}

func TestTLSWithARootOfOnesOwn(t *testing.T) {
	key := newSigner(t, "one")
	root, leaf := certificates(t)
	start := func(handler http.Handler) *httptest.Server {
		server := httptest.NewUnstartedServer(handler)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}}
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshakes
		server.StartTLS()
		return server
	}
	i := startIssuer(t, start, key)
	for name, c := range map[string]struct {
		roots [][]byte
		code  jwtverify.Code
	}{
		"none":    {nil, jwtverify.ErrUnavailableTls},
		"another": {[][]byte{otherRoot(t)}, jwtverify.ErrUnavailableTls},
		"DER":     {[][]byte{root}, 0},
		"PEM":     {[][]byte{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root})}, 0},
		"both":    {[][]byte{otherRoot(t), root}, 0},
	} {
		verifier, _ := joined(t, jwtverify.RemoteConfig{URL: i.URL + "/jwks", RootCertificates: c.roots})
		_, err := verifier.VerifyAt(t.Context(), key.mint(claims(nil)), now)
		if code := codeOf(t, err); code != c.code {
			t.Errorf("%s: got %s", name, printable(code))
		}
	}
}

// certificates makes an authority and a server certificate by it for this machine.
func certificates(t *testing.T) (root []byte, leaf tls.Certificate) {
	t.Helper()
	authority, server := newSigner(t, "").key, newSigner(t, "").key
	ca := certificate(1)
	ca.IsCA, ca.BasicConstraintsValid, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	root, err := x509.CreateCertificate(rand.Reader, ca, ca, authority.Public(), authority)
	if err != nil {
		t.Fatal(err)
	}
	host := certificate(2)
	host.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	host.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	signed, err := x509.CreateCertificate(rand.Reader, host, ca, server.Public(), authority)
	if err != nil {
		t.Fatal(err)
	}
	return root, tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: server}
}

func otherRoot(t *testing.T) []byte {
	root, _ := certificates(t)
	return root
}

func certificate(serial int64) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: fmt.Sprint("test ", serial)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
}

func TestRemoteSettings(t *testing.T) {
	for name, c := range map[string]struct {
		config jwtverify.RemoteConfig
		code   jwtverify.Code
	}{
		"nothing":      {jwtverify.RemoteConfig{}, jwtverify.ErrMisuseUrl},
		"both":         {jwtverify.RemoteConfig{URL: "https://a.example/", Issuer: "https://a.example"}, jwtverify.ErrMisuseTwice},
		"http":         {jwtverify.RemoteConfig{URL: "http://a.example/"}, jwtverify.ErrMisuseUrl},
		"file":         {jwtverify.RemoteConfig{URL: "file:///etc/passwd"}, jwtverify.ErrMisuseUrl},
		"NUL":          {jwtverify.RemoteConfig{URL: "https://a.example/\x00"}, jwtverify.ErrMisuseArgument},
		"negative":     {jwtverify.RemoteConfig{URL: "https://a.example/", Timeout: -1}, jwtverify.ErrMisuseArgument},
		"half seconds": {jwtverify.RemoteConfig{URL: "https://a.example/", TTL: time.Second / 2}, jwtverify.ErrMisuseArgument},
		"long":         {jwtverify.RemoteConfig{URL: "https://a.example/", TTL: 1 << 62}, jwtverify.ErrMisuseArgument},
		"bad root":     {jwtverify.RemoteConfig{URL: "https://a.example/", RootCertificates: [][]byte{{1}}}, jwtverify.ErrMisuseArgument},
		"no root":      {jwtverify.RemoteConfig{URL: "https://a.example/", RootCertificates: [][]byte{}}, jwtverify.ErrMisuseEmptyList},
		"all good": {jwtverify.RemoteConfig{URL: "https://a.example/", TTL: time.Minute, MaxStale: time.Minute,
			MissInterval: time.Minute, MissSpacing: time.Second, ConnectTimeout: time.Second, Timeout: time.Second, Wait: time.Second,
			MaxBytes: 1000, MaxKeys: 10}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			remote, err := c.config.New()
			if code := codeOf(t, err); code != c.code && !(name == "long" && err != nil) {
				t.Errorf("got %s, wanted %s", printable(code), printable(c.code))
			}
			if remote != nil {
				remote.Close()
			}
		})
	}
}
