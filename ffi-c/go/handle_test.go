package jwtverify_test

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"sync"
	"testing"

	jwtverify "github.com/jwtverify/jwtverify/ffi-c/go"
)

func TestUseAfterCloseIsAnError(t *testing.T) {
	key := newSigner(t, "one")
	keys, _ := jwtverify.ParseKeySet(jwks(key))
	verifier, _ := jwtverify.NewVerifier(config())
	remote, _ := jwtverify.NewRemoteJwks("https://idp.example/jwks")
	joined, err := jwtverify.NewJwksVerifier(verifier, remote)
	if err != nil {
		t.Fatal(err)
	}
	token := key.mint(claims(nil))
	for range 2 { // a second Close does nothing
		for _, one := range []interface{ Close() error }{keys, verifier, remote, joined} {
			if err := one.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	_, ofVerify := verifier.Verify(token, keys, now)
	_, ofJWS := verifier.VerifyJWS(token, keys)
	_, ofJoined := joined.Verify(context.Background(), token)
	_, ofJoining := jwtverify.NewJwksVerifier(verifier, remote)
	_, ofKeys := remote.Keys(context.Background())
	_, ofStatus := remote.Status()
	ofRefresh := remote.Refresh(context.Background())
	var zero jwtverify.Verifier
	_, ofZero := zero.Verify(token, mustKeys(t, jwks(key)), now)
	for i, err := range []error{ofVerify, ofJWS, ofJoined, ofJoining, ofKeys, ofStatus, ofRefresh, ofZero} {
		if !errors.Is(err, jwtverify.ErrClosed) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if keys.Len() != 0 || keys.Kids() != nil || keys.Skipped() != nil || keys.Warnings() != nil {
		t.Error("a closed key set has content")
	}
	if err := zero.Close(); err != nil {
		t.Error(err)
	}
}

func TestACopyDoesNotCloseTwice(t *testing.T) {
	key := newSigner(t, "one")
	keys := mustKeys(t, jwks(key))
	verifier, err := jwtverify.NewVerifier(config())
	if err != nil {
		t.Fatal(err)
	}
	// What go vet warns of: both values hold the one handle, and it is given up once.
	copied := reflect.New(reflect.TypeOf(*verifier))
	copied.Elem().Set(reflect.ValueOf(verifier).Elem())
	twin := copied.Interface().(*jwtverify.Verifier)
	verifier.Close()
	twin.Close()
	for _, v := range []*jwtverify.Verifier{verifier, twin} {
		if _, err := v.Verify(key.mint(claims(nil)), keys, now); !errors.Is(err, jwtverify.ErrClosed) {
			t.Errorf("%v", err)
		}
	}
}

func TestNilIsMisuse(t *testing.T) {
	verifier := mustVerifier(t, config())
	_, noKeys := verifier.Verify("a.b.c", nil, now)
	_, noVerifier := (*jwtverify.Verifier)(nil).Verify("a.b.c", mustKeys(t, jwks(newSigner(t, "one"))), now)
	_, noRemote := jwtverify.NewJwksVerifier(verifier, nil)
	for i, err := range []error{noKeys, noVerifier, noRemote} {
		if !errors.Is(err, jwtverify.ErrMisuseNull) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// Close while others verify: each call ends with a verdict or with ErrClosed, and the race
// detector and the memory allocator have nothing to complain about.
func TestCloseWhileOthersVerify(t *testing.T) {
	key := newSigner(t, "one")
	token := key.mint(claims(nil))
	for range 20 {
		keys, _ := jwtverify.ParseKeySet(jwks(key))
		verifier, _ := jwtverify.NewVerifier(config())
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 20 {
					_, err := verifier.Verify(token, keys, now)
					if err != nil && !errors.Is(err, jwtverify.ErrClosed) {
						t.Errorf("%v", err)
					}
				}
			})
		}
		all.Go(func() { keys.Close() })
		all.Go(func() { verifier.Close() })
		all.Wait()
	}
}

// Values that nobody closes: the collector takes them, while calls with them are running.
func TestTheCollectorDoesNotTakeWhatIsInUse(t *testing.T) {
	key := newSigner(t, "one")
	token := key.mint(claims(nil))
	for range 200 {
		keys, err := jwtverify.ParseKeySet(jwks(key))
		if err != nil {
			t.Fatal(err)
		}
		verifier, err := jwtverify.NewVerifier(config())
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			_, err := verifier.Verify(token, keys, now)
			done <- err
		}()
		runtime.GC()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

func TestManyGoroutinesShareEverything(t *testing.T) {
	key := newSigner(t, "one")
	keys, verifier := mustKeys(t, jwks(key)), mustVerifier(t, config())
	token := key.mint(claims(nil))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 50 {
				verified, err := verifier.Verify(token, keys, now)
				if err != nil {
					t.Error(err)
					return
				}
				if kid, _ := verified.Kid(); kid != "one" {
					t.Errorf("kid %q", kid)
				}
			}
		})
	}
	all.Wait()
}
