// Contestants in Go: this library, golang-jwt, and Go's own crypto alone. What is said over the
// pipe is in bench/src/measure/child.rs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jwtverify/jwtverify/ffi-c/go"
)

var algorithms = []string{"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "HS256"}

// fixture is a token and what verifies it.
type fixture struct {
	algorithm, token string
	jwks             []byte
	key              any // as Go's crypto has it
	issuer, audience string
}

// claims are what a service reads: the same for everybody.
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience []string `json:"aud"`
	Expires  int64    `json:"exp"`
	Scope    string   `json:"scope"`
}

type once func() error

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: go FOLDER ISSUER AUDIENCE JWKS-URL")
		os.Exit(2)
	}
	var contestants []once
	say("version", "Go", strings.TrimPrefix(runtime.Version(), "go"))
	add := func(algorithm, name string, work once, err error) {
		if err == nil {
			err = work()
		}
		if err != nil {
			say("cannot", algorithm, name, strings.ReplaceAll(err.Error(), "\n", " "))
			return
		}
		say("can", algorithm, name)
		contestants = append(contestants, work)
	}
	remote, err := jwtverify.NewRemoteJwks(os.Args[4])
	must(err)
	cache, err := jwtverify.TokenCacheConfig{}.New()
	must(err)
	for _, algorithm := range algorithms {
		f := read(algorithm)
		work, err := ours(f)
		add(algorithm, "jwtverify in Go", work, err)
		if algorithm != "HS256" { // a secret is never fetched
			work, err = cached(f, remote, cache)
			add(algorithm, "jwtverify in Go, cached token", work, err)
		}
		work, err = golangJWT(f)
		add(algorithm, "golang-jwt", work, err)
		work, err = raw(f)
		add(algorithm, "Go's crypto, signature alone", work, err)
	}
	say("ready")

	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var number, times int
		_, err := fmt.Sscan(input.Text(), &number, &times)
		must(err)
		work := contestants[number]
		start := time.Now()
		for range times {
			if err := work(); err != nil {
				must(err)
			}
		}
		fmt.Println(time.Since(start).Nanoseconds())
	}
}

func say(words ...string) { fmt.Println(strings.Join(words, "\t")) }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(algorithm string) fixture {
	folder := os.Args[1]
	token, err := os.ReadFile(filepath.Join(folder, algorithm+".jwt"))
	must(err)
	jwks, err := os.ReadFile(filepath.Join(folder, algorithm+".jwks.json"))
	must(err)
	var set struct{ Keys []map[string]any }
	must(json.Unmarshal(jwks, &set))
	key, err := keyOf(set.Keys[0])
	must(err)
	return fixture{algorithm, string(token), jwks, key, os.Args[2], os.Args[3]}
}

func verifierFor(f fixture) (*jwtverify.Verifier, error) {
	return jwtverify.NewVerifier(jwtverify.VerifierConfig{
		Algorithms: []string{f.algorithm},
		Issuers:    []string{f.issuer},
		Audiences:  []string{f.audience},
	})
}

func ours(f fixture) (once, error) {
	verifier, err := verifierFor(f)
	if err != nil {
		return nil, err
	}
	keys, err := jwtverify.KeySetConfig{AllowSymmetric: true}.Parse(f.jwks)
	if err != nil {
		return nil, err
	}
	return func() error {
		verified, err := verifier.Verify(f.token, keys, time.Time{})
		if err != nil {
			return err
		}
		return verified.Decode(new(claims))
	}, nil
}

func cached(f fixture, remote *jwtverify.RemoteJwks, cache *jwtverify.TokenCache) (once, error) {
	policy, err := verifierFor(f)
	if err != nil {
		return nil, err
	}
	verifier, err := jwtverify.NewCachedJwksVerifier(policy, remote, cache)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	return func() error {
		verified, err := verifier.Verify(ctx, f.token)
		if err != nil {
			return err
		}
		return verified.Decode(new(claims))
	}, nil
}
