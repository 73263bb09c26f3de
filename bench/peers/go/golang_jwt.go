//go:build golang_jwt

package main

import (
	"errors"

	"github.com/golang-jwt/jwt/v4"
)

// golangJWTVersion is set when this is linked: the module does not know its own.
var golangJWTVersion = "4"

func init() { say("version", "golang-jwt", golangJWTVersion) }

// theirs is what golang-jwt calls a claims struct: it checks exp, nbf and iat.
type theirs struct {
	Scope string `json:"scope"`
	jwt.RegisteredClaims
}

var errClaims = errors.New("issuer or audience is another one")

// golangJWT verifies whole tokens. Version 4 asks for issuer and audience after parsing.
func golangJWT(f fixture) (once, error) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{f.algorithm}))
	find := func(*jwt.Token) (any, error) { return f.key, nil }
	return func() error {
		var into theirs
		if _, err := parser.ParseWithClaims(f.token, &into, find); err != nil {
			return err
		}
		if !into.VerifyIssuer(f.issuer, true) || !into.VerifyAudience(f.audience, true) {
			return errClaims
		}
		return nil
	}, nil
}
