package jwtverify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"time"

	jwtverify "github.com/jwtverify/jwtverify/ffi-c/go"
)

// now is the time of the tests that bring their own.
var now = time.Unix(1700000000, 0)

var b64 = base64.RawURLEncoding

// signer signs with crypto/ecdsa: another implementation than the one that verifies.
type signer struct {
	kid string
	key *ecdsa.PrivateKey
}

func newSigner(t *testing.T, kid string) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &signer{kid, key}
}

func (s *signer) jwk() map[string]any {
	point, err := s.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		panic(err)
	}
	return map[string]any{
		"kty": "EC", "crv": "P-256", "kid": s.kid, "alg": "ES256",
		"x": b64.EncodeToString(point[1:33]), "y": b64.EncodeToString(point[33:]),
	}
}

func jwks(signers ...*signer) []byte {
	keys := []any{}
	for _, s := range signers {
		keys = append(keys, s.jwk())
	}
	return marshal(map[string]any{"keys": keys})
}

func (s *signer) mint(claims map[string]any) string {
	return s.sign(map[string]any{"alg": "ES256", "kid": s.kid}, marshal(claims))
}

func (s *signer) sign(header map[string]any, payload []byte) string {
	input := b64.EncodeToString(marshal(header)) + "." + b64.EncodeToString(payload)
	digest := sha256.Sum256([]byte(input))
	r, t, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		panic(err)
	}
	signature := append(fixed(r), fixed(t)...)
	return input + "." + b64.EncodeToString(signature)
}

func fixed(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }

// mintHS256 signs with a shared secret.
func mintHS256(secret []byte, claims map[string]any) string {
	input := b64.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." + b64.EncodeToString(marshal(claims))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return input + "." + b64.EncodeToString(mac.Sum(nil))
}

func marshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

// claims are good ones, with changes: a value replaces, nil removes.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{"iss": "me", "aud": "you", "sub": "anna", "exp": now.Unix() + 100}
	for name, value := range changes {
		if value == nil {
			delete(all, name)
		} else {
			all[name] = value
		}
	}
	return all
}

func config() jwtverify.VerifierConfig {
	return jwtverify.VerifierConfig{
		Algorithms: []string{"ES256"}, Issuers: []string{"me"}, Audiences: []string{"you"},
	}
}

func mustKeys(t *testing.T, document []byte) *jwtverify.KeySet {
	t.Helper()
	keys, err := jwtverify.ParseKeySet(document)
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	t.Cleanup(func() { keys.Close() })
	return keys
}

func mustVerifier(t *testing.T, config jwtverify.VerifierConfig) *jwtverify.Verifier {
	t.Helper()
	verifier, err := jwtverify.NewVerifier(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { verifier.Close() })
	return verifier
}

// codeOf gives the code of an error, 0 for none, and fails on an error of another kind.
func codeOf(t *testing.T, err error) jwtverify.Code {
	t.Helper()
	if err == nil {
		return 0
	}
	detail, ok := err.(*jwtverify.Error)
	if !ok {
		t.Fatalf("not an *Error: %v", err)
	}
	if detail.Name != detail.Code.Name() {
		t.Errorf("the library calls %d %s, the package %s", detail.Code, detail.Name, detail.Code.Name())
	}
	return detail.Code
}

func printable(code jwtverify.Code) string { return fmt.Sprintf("%d %s", int32(code), code.Name()) }
