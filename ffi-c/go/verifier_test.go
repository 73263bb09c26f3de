package jwtverify_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	jwtverify "github.com/jwtverify/jwtverify/ffi-c/go"
)

func TestRFC7519Claims(t *testing.T) {
	key := newSigner(t, "one")
	keys := mustKeys(t, jwks(key))
	verifier := mustVerifier(t, config())
	for _, c := range []struct {
		name    string
		changes map[string]any
		code    jwtverify.Code
		claim   string
	}{
		{"good", nil, 0, ""},
		{"audience in an array", map[string]any{"aud": []string{"them", "you"}}, 0, ""},
		{"expired", map[string]any{"exp": now.Unix()}, jwtverify.ErrExpired, "exp"},
		{"no exp", map[string]any{"exp": nil}, jwtverify.ErrClaimMissing, "exp"},
		{"exp as text", map[string]any{"exp": "1700000100"}, jwtverify.ErrClaimType, "exp"},
		{"too early", map[string]any{"nbf": now.Unix() + 1}, jwtverify.ErrNotYetValid, "nbf"},
		{"another issuer", map[string]any{"iss": "you"}, jwtverify.ErrIssuerMismatch, "iss"},
		{"another audience", map[string]any{"aud": "them"}, jwtverify.ErrAudienceMismatch, "aud"},
		{"empty audience", map[string]any{"aud": []string{}}, jwtverify.ErrAudienceMismatch, "aud"},
	} {
		t.Run(c.name, func(t *testing.T) {
			verified, err := verifier.Verify(key.mint(claims(c.changes)), keys, now)
			if code := codeOf(t, err); code != c.code {
				t.Fatalf("got %s, wanted %s", printable(code), printable(c.code))
			}
			if (verified == nil) != (err != nil) {
				t.Fatal("a result and an error, or neither")
			}
			if err == nil {
				return
			}
			detail := err.(*jwtverify.Error)
			if detail.Claim != c.claim || detail.HTTPStatus != 401 || detail.RetryAfter >= 0 {
				t.Errorf("%+v", detail)
			}
			if !strings.Contains(detail.WWWAuthenticate, "invalid_token") {
				t.Errorf("WWW-Authenticate: %q", detail.WWWAuthenticate)
			}
			if !errors.Is(err, c.code) || !errors.Is(err, jwtverify.ErrInvalidToken) {
				t.Error("errors.Is does not know its code or its family")
			}
			if errors.Is(err, jwtverify.ErrUnavailable) || errors.Is(err, jwtverify.ErrTokenTooLarge) {
				t.Error("errors.Is knows others, too")
			}
			var code jwtverify.Code
			if !errors.As(err, &code) || code != c.code {
				t.Error("errors.As gives no code")
			}
		})
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	key, other := newSigner(t, "one"), newSigner(t, "one")
	keys := mustKeys(t, jwks(key))
	verifier := mustVerifier(t, config())
	good := key.mint(claims(nil))
	parts := strings.Split(good, ".")
	unsigned := b64.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	for name, c := range map[string]struct {
		token string
		code  jwtverify.Code
	}{
		"another key":        {other.mint(claims(nil)), jwtverify.ErrSignatureInvalid},
		"another payload":    {parts[0] + "." + b64.EncodeToString([]byte(`{}`)) + "." + parts[2], jwtverify.ErrSignatureInvalid},
		"no signature":       {unsigned, jwtverify.ErrSignatureEmpty},
		"alg none":           {unsigned + "AA", jwtverify.ErrAlgorithmNone},
		"unknown kid":        {(&signer{"two", key.key}).mint(claims(nil)), jwtverify.ErrKeyNotFound},
		"HMAC by public key": {mintHS256(jwks(key), claims(nil)), jwtverify.ErrAlgorithmNotAllowed},
		"white space":        {good + "\n", jwtverify.ErrSignatureBase64},
		"NUL":                {good + "\x00", jwtverify.ErrSignatureBase64},
		"not UTF-8":          {"\xff.\xfe.\x80", jwtverify.ErrHeaderBase64},
		"empty":              {"", jwtverify.ErrTokenSegments},
		"encrypted":          {"a.b.c.d.e", jwtverify.ErrTokenEncrypted},
		"large":              {strings.Repeat("a", 1<<20), jwtverify.ErrTokenTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			verified, err := verifier.Verify(c.token, keys, now)
			if code := codeOf(t, err); code != c.code || verified != nil {
				t.Errorf("got %s, wanted %s", printable(code), printable(c.code))
			}
			if err != nil && len(parts[2]) > 0 && strings.Contains(err.Error(), parts[2]) {
				t.Error("the error quotes the token")
			}
		})
	}
}

func TestDiagnosisNamesTheKidsThereAre(t *testing.T) {
	key := newSigner(t, "key-2026-01")
	verifier := mustVerifier(t, config())
	_, err := verifier.Verify((&signer{"key-2026-02", key.key}).mint(claims(nil)), mustKeys(t, jwks(key)), now)
	var detail *jwtverify.Error
	if !errors.As(err, &detail) || !strings.Contains(detail.Diagnosis, "key-2026-01") {
		t.Errorf("%+v", detail)
	}
	if strings.Contains(detail.Message, "\n") || strings.HasPrefix(detail.Diagnosis, detail.Message) {
		t.Error("message and diagnosis are not apart")
	}
}

func TestWhatAValidTokenSays(t *testing.T) {
	key := newSigner(t, "one")
	payload := []byte(`{"iss":"me","aud":["you","b\u0000c"],"sub":"a\u0000b","exp":1700000100.5,` +
		`"nbf":-0.5,"iat":1.5e9,"big":12345678901234567890,"list":[1,{"a":null}]}`)
	token := key.sign(map[string]any{"alg": "ES256", "kid": "one"}, payload)
	verified, err := mustVerifier(t, config()).Verify(token, mustKeys(t, jwks(key)), now)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(verified.Payload(), payload) || verified.Algorithm() != "ES256" {
		t.Errorf("%s %s", verified.Algorithm(), verified.Payload())
	}
	if kid, ok := verified.Kid(); kid != "one" || !ok {
		t.Errorf("kid %q %v", kid, ok)
	}
	var header map[string]any
	if err := json.Unmarshal(verified.HeaderJSON(), &header); err != nil || header["alg"] != "ES256" {
		t.Errorf("%v %v", header, err)
	}
	all, err := verified.Claims()
	if err != nil {
		t.Fatal(err)
	}
	if sub, ok := all.String("sub"); sub != "a\x00b" || !ok {
		t.Errorf("sub %q", sub)
	}
	if _, ok := all.String("exp"); ok {
		t.Error("a number is a string")
	}
	if aud := all.Audience(); len(aud) != 2 || aud[1] != "b\x00c" {
		t.Errorf("aud %q", aud)
	}
	if all["big"] != json.Number("12345678901234567890") {
		t.Errorf("big %v", all["big"])
	}
	for name, seconds := range map[string]int64{"exp": 1700000100, "nbf": -1, "iat": 1500000000} {
		if date, ok := all.Time(name); !ok || date.Unix() != seconds {
			t.Errorf("%s is %d", name, date.Unix())
		}
	}
	if _, ok := all.Time("sub"); ok {
		t.Error("a string is a date")
	}
	var own struct {
		Subject string `json:"sub"`
	}
	if err := verified.Decode(&own); err != nil || own.Subject != "a\x00b" {
		t.Errorf("%+v %v", own, err)
	}
}

func TestAJWSOfAnyBytes(t *testing.T) {
	key := newSigner(t, "one")
	keys := mustKeys(t, jwks(key))
	verifier := mustVerifier(t, config())
	token := key.sign(map[string]any{"alg": "ES256"}, []byte{0, 0xff})
	if _, err := verifier.Verify(token, keys, now); !errors.Is(err, jwtverify.ErrPayloadJson) {
		t.Errorf("as a JWT: %v", err)
	}
	jws, err := verifier.VerifyJWS(token, keys)
	if err != nil || !bytes.Equal(jws.Payload(), []byte{0, 0xff}) || jws.Algorithm() != "ES256" {
		t.Errorf("%v %v", jws, err)
	}
	if _, ok := jws.Kid(); ok {
		t.Error("there is no kid")
	}
	empty, err := verifier.VerifyJWS(key.sign(map[string]any{"alg": "ES256"}, nil), keys)
	if err != nil || len(empty.Payload()) != 0 {
		t.Errorf("empty payload: %v", err)
	}
}

func TestABareSignature(t *testing.T) {
	key := newSigner(t, "one")
	jwk := marshal(key.jwk())
	token := key.mint(claims(nil))
	at := strings.LastIndex(token, ".")
	signature, _ := b64.DecodeString(token[at+1:])
	if err := jwtverify.VerifySignature("ES256", jwk, []byte(token[:at]), signature); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		err  error
		code jwtverify.Code
	}{
		"message":   {jwtverify.VerifySignature("ES256", jwk, []byte(token[:at-1]), signature), jwtverify.ErrSignatureInvalid},
		"empty":     {jwtverify.VerifySignature("ES256", jwk, nil, nil), jwtverify.ErrSignatureInvalid},
		"algorithm": {jwtverify.VerifySignature("ES384", jwk, []byte(token[:at]), signature), jwtverify.ErrKeyMismatch},
		"none":      {jwtverify.VerifySignature("none", jwk, []byte(token[:at]), signature), jwtverify.ErrMisuseAlgorithmName},
		"NUL":       {jwtverify.VerifySignature("ES256\x00", jwk, []byte(token[:at]), signature), jwtverify.ErrMisuseArgument},
		"key":       {jwtverify.VerifySignature("ES256", []byte("{"), nil, nil), jwtverify.ErrJwkJson},
	} {
		if code := codeOf(t, c.err); code != c.code {
			t.Errorf("%s: got %s", name, printable(code))
		}
	}
}

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*jwtverify.VerifierConfig)
		code   jwtverify.Code
	}{
		"nothing changed":         {func(c *jwtverify.VerifierConfig) {}, 0},
		"no algorithms":           {func(c *jwtverify.VerifierConfig) { c.Algorithms = nil }, jwtverify.ErrMisuseNoAlgorithms},
		"unknown algorithm":       {func(c *jwtverify.VerifierConfig) { c.Algorithms = []string{"none"} }, jwtverify.ErrMisuseAlgorithmName},
		"no issuer":               {func(c *jwtverify.VerifierConfig) { c.Issuers = nil }, jwtverify.ErrMisuseIssuerUnset},
		"empty issuers":           {func(c *jwtverify.VerifierConfig) { c.Issuers = []string{} }, jwtverify.ErrMisuseEmptyList},
		"issuer and any":          {func(c *jwtverify.VerifierConfig) { c.AnyIssuer = true }, jwtverify.ErrMisuseTwice},
		"no audience":             {func(c *jwtverify.VerifierConfig) { c.Audiences = nil }, jwtverify.ErrMisuseAudienceUnset},
		"empty audiences":         {func(c *jwtverify.VerifierConfig) { c.Audiences = []string{} }, jwtverify.ErrMisuseEmptyList},
		"long leeway":             {func(c *jwtverify.VerifierConfig) { c.Leeway = time.Hour }, jwtverify.ErrMisuseLeeway},
		"negative leeway":         {func(c *jwtverify.VerifierConfig) { c.Leeway = -time.Second }, jwtverify.ErrMisuseArgument},
		"leeway of half a second": {func(c *jwtverify.VerifierConfig) { c.Leeway = time.Second / 2 }, jwtverify.ErrMisuseArgument},
		"NUL in the issuer":       {func(c *jwtverify.VerifierConfig) { c.Issuers = []string{"me\x00"} }, jwtverify.ErrMisuseArgument},
		"issuer not UTF-8":        {func(c *jwtverify.VerifierConfig) { c.Issuers = []string{"\xff"} }, jwtverify.ErrMisuseUtf8},
		"negative limit":          {func(c *jwtverify.VerifierConfig) { c.MaxTokenBytes = -1 }, jwtverify.ErrMisuseArgument},
	} {
		t.Run(name, func(t *testing.T) {
			config := config()
			c.change(&config)
			verifier, err := jwtverify.NewVerifier(config)
			if code := codeOf(t, err); code != c.code {
				t.Errorf("got %s, wanted %s", printable(code), printable(c.code))
			}
			if err != nil && !errors.Is(err, jwtverify.ErrMisuse) {
				t.Error("not the caller's fault?")
			}
			if verifier != nil {
				verifier.Close()
			}
		})
	}
}

func TestSettingsTakeEffect(t *testing.T) {
	key := newSigner(t, "one")
	keys := mustKeys(t, jwks(key))
	expired := key.mint(claims(map[string]any{"exp": now.Unix() - 10}))
	eternal := key.mint(claims(map[string]any{"exp": nil}))
	typed := key.sign(map[string]any{"alg": "ES256", "typ": "at+jwt"}, marshal(claims(nil)))
	old := key.mint(claims(map[string]any{"iat": now.Unix() - 100}))
	foreign := key.mint(claims(map[string]any{"iss": "them", "aud": "them"}))
	padded := key.mint(claims(nil)) // an ES256 signature has 64 bytes: two characters short of 88
	for name, c := range map[string]struct {
		change func(*jwtverify.VerifierConfig)
		token  string
		before jwtverify.Code
		after  jwtverify.Code
	}{
		"Leeway":         {func(c *jwtverify.VerifierConfig) { c.Leeway = time.Minute }, expired, jwtverify.ErrExpired, 0},
		"RequiredClaims": {func(c *jwtverify.VerifierConfig) { c.RequiredClaims = []string{} }, eternal, jwtverify.ErrClaimMissing, 0},
		"RequiredClaims, another": {func(c *jwtverify.VerifierConfig) { c.RequiredClaims = []string{"tenant"} },
			typed, 0, jwtverify.ErrClaimMissing},
		"Type":          {func(c *jwtverify.VerifierConfig) { c.Type = "AT+JWT" }, typed, 0, 0},
		"Type, another": {func(c *jwtverify.VerifierConfig) { c.Type = "jwt" }, typed, 0, jwtverify.ErrTypeMismatch},
		"MaxAge":        {func(c *jwtverify.VerifierConfig) { c.MaxAge = time.Minute }, old, 0, jwtverify.ErrTooOld},
		"Any": {func(c *jwtverify.VerifierConfig) {
			c.Issuers, c.Audiences, c.AnyIssuer, c.AnyAudience = nil, nil, true, true
		}, foreign, jwtverify.ErrIssuerMismatch, 0},
		"AllowPadding":  {func(c *jwtverify.VerifierConfig) { c.AllowPadding = true }, padded + "==", jwtverify.ErrSignatureBase64, 0},
		"MaxTokenBytes": {func(c *jwtverify.VerifierConfig) { c.MaxTokenBytes = 10 }, typed, 0, jwtverify.ErrTokenTooLarge},
		"MaxHeaderBytes": {func(c *jwtverify.VerifierConfig) { c.MaxHeaderBytes = 10 }, typed, 0,
			jwtverify.ErrHeaderTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			for _, step := range []struct {
				change func(*jwtverify.VerifierConfig)
				wanted jwtverify.Code
			}{{func(*jwtverify.VerifierConfig) {}, c.before}, {c.change, c.after}} {
				config := config()
				step.change(&config)
				_, err := mustVerifier(t, config).Verify(c.token, keys, now)
				if code := codeOf(t, err); code != step.wanted {
					t.Errorf("got %s, wanted %s", printable(code), printable(step.wanted))
				}
			}
		})
	}
}

func TestTheZeroTimeIsNow(t *testing.T) {
	key := newSigner(t, "one")
	verifier, keys := mustVerifier(t, config()), mustKeys(t, jwks(key))
	fresh := key.mint(claims(map[string]any{"exp": time.Now().Unix() + 1000}))
	if _, err := verifier.Verify(fresh, keys, time.Time{}); err != nil {
		t.Error(err)
	}
	if _, err := verifier.Verify(key.mint(claims(nil)), keys, time.Time{}); !errors.Is(err, jwtverify.ErrExpired) {
		t.Errorf("a token of 2023: %v", err)
	}
}

func TestKeySets(t *testing.T) {
	one, two := newSigner(t, "one"), newSigner(t, "two")
	keys := mustKeys(t, jwks(one, two))
	if kids := keys.Kids(); len(kids) != 2 || kids[0] != "one" || keys.Len() != 2 {
		t.Errorf("%q", kids)
	}
	if len(keys.Skipped()) != 0 || len(keys.Warnings()) != 0 {
		t.Error("something is wrong with good keys")
	}
	weak := mustKeys(t, marshal(map[string]any{"keys": []any{
		one.jwk(), map[string]any{"kty": "RSA", "kid": "weak", "n": "AQAB", "e": "AQAB"}}}))
	skipped := weak.Skipped()
	if len(skipped) != 1 || skipped[0].Reason != jwtverify.ErrRsaModulusSize || !strings.Contains(skipped[0].Text, "weak") {
		t.Errorf("%+v", skipped)
	}
	leaked := one.jwk()
	leaked["d"] = b64.EncodeToString(make([]byte, 32))
	if warnings := mustKeys(t, marshal(leaked)).Warnings(); len(warnings) != 1 {
		t.Errorf("%q", warnings)
	}
	secret := []byte("0123456789abcdef0123456789abcdef")
	symmetric := marshal(map[string]any{"kty": "oct", "k": b64.EncodeToString(secret)})
	for name, c := range map[string]struct {
		config   jwtverify.KeySetConfig
		document []byte
		code     jwtverify.Code
	}{
		"symmetric":          {jwtverify.KeySetConfig{}, symmetric, jwtverify.ErrKeySetEmpty},
		"symmetric allowed":  {jwtverify.KeySetConfig{AllowSymmetric: true}, symmetric, 0},
		"symmetric and weak": {jwtverify.KeySetConfig{AllowSymmetric: true}, []byte(`{"kty":"oct","k":"AAAA"}`), jwtverify.ErrKeySetEmpty},
		"weak allowed":       {jwtverify.KeySetConfig{AllowSymmetric: true, AllowWeakHMAC: true}, []byte(`{"kty":"oct","k":"AAAA"}`), 0},
		"too long":           {jwtverify.KeySetConfig{MaxBytes: 10}, jwks(one), jwtverify.ErrKeySetTooLarge},
		"too many":           {jwtverify.KeySetConfig{MaxKeys: 1}, jwks(one, two), jwtverify.ErrKeySetTooManyKeys},
		"negative":           {jwtverify.KeySetConfig{MaxKeys: -1}, jwks(one), jwtverify.ErrMisuseArgument},
		"nil":                {jwtverify.KeySetConfig{}, nil, jwtverify.ErrKeySetJson},
		"not JSON":           {jwtverify.KeySetConfig{}, []byte("\xff\x00"), jwtverify.ErrKeySetJson},
		"no key set":         {jwtverify.KeySetConfig{}, []byte("{}"), jwtverify.ErrKeySetShape},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := c.config.Parse(c.document)
			if code := codeOf(t, err); code != c.code {
				t.Errorf("got %s, wanted %s", printable(code), printable(c.code))
			}
			if keys != nil {
				keys.Close()
			}
		})
	}
	hs := config()
	hs.Algorithms = []string{"HS256"}
	keys, err := jwtverify.KeySetConfig{AllowSymmetric: true}.Parse(symmetric)
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	if _, err := mustVerifier(t, hs).Verify(mintHS256(secret, claims(nil)), keys, now); err != nil {
		t.Error(err)
	}
}
