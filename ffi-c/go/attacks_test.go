package jwtverify_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	jwtverify "github.com/jwtverify/jwtverify/ffi-c/go"
)

// The catalogue of attacks on other libraries, by the same rules as in the other languages; the
// verdicts are written down for the comparison with theirs.
func TestAttacks(t *testing.T) {
	folder := os.Getenv("JWTVERIFY_VECTORS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "vectors")
	}
	text, err := os.ReadFile(filepath.Join(folder, "attacks", "attacks.json"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must not skip this: %v", err)
		}
		t.Skipf("NOT RUN: %v", err)
	}
	var file struct {
		Cases []struct {
			ID, Expect, Keyset, Token string
			Algs                      []string
			Policy                    struct {
				Now      int64
				Leeway   int64
				MaxAge   int64 `json:"max_age"`
				Iss, Aud []string
				Typ      string
				Require  []string
			}
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 200 {
		t.Fatalf("only %d cases", len(file.Cases))
	}
	type verdict struct {
		ID      string         `json:"id"`
		Verdict string         `json:"verdict"`
		Code    jwtverify.Code `json:"code"`
	}
	var verdicts []verdict
	for _, c := range file.Cases {
		config := jwtverify.VerifierConfig{
			Algorithms: c.Algs,
			Issuers:    c.Policy.Iss, AnyIssuer: c.Policy.Iss == nil,
			Audiences: c.Policy.Aud, AnyAudience: c.Policy.Aud == nil,
			Leeway: time.Duration(c.Policy.Leeway) * time.Second,
			MaxAge: time.Duration(c.Policy.MaxAge) * time.Second,
			Type:   c.Policy.Typ, RequiredClaims: c.Policy.Require,
		}
		code := codeOf(t, attack(config, c.Keyset, c.Token, time.Unix(c.Policy.Now, 0)))
		word := map[bool]string{true: "accept", false: "reject"}[code == 0]
		if word != c.Expect {
			t.Errorf("%s: expected %s, got %s", c.ID, c.Expect, printable(code))
		}
		verdicts = append(verdicts, verdict{c.ID, word, code})
	}
	if out := os.Getenv("JWTVERIFY_VERDICTS"); out != "" {
		if err := os.WriteFile(out, marshal(verdicts), 0o644); err != nil {
			t.Error(err)
		}
	}
}

func attack(config jwtverify.VerifierConfig, document, token string, at time.Time) error {
	var keyConfig jwtverify.KeySetConfig
	for _, name := range config.Algorithms {
		keyConfig.AllowSymmetric = keyConfig.AllowSymmetric || strings.HasPrefix(name, "HS")
	}
	keys, err := keyConfig.Parse([]byte(document))
	if err != nil {
		return err
	}
	defer keys.Close()
	verifier, err := jwtverify.NewVerifier(config)
	if err != nil {
		return err
	}
	defer verifier.Close()
	_, err = verifier.Verify(token, keys, at)
	return err
}
