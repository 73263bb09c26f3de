// verify ISSUER TOKEN
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	jwtverify "github.com/jwtverify/jwtverify/ffi-c/go"
)

func main() {
	issuer, token := os.Args[1], os.Args[2]
	verified, err := verify(issuer, token)
	var detail *jwtverify.Error
	switch {
	case errors.As(err, &detail):
		fmt.Printf("%d: %s\n%s", detail.HTTPStatus, detail.Message, detail.Diagnosis)
	case err != nil:
		fmt.Println("500:", err)
	default:
		fmt.Println("valid:", string(verified.Payload()))
	}
}

func verify(issuer, token string) (*jwtverify.Verified, error) {
	policy, err := jwtverify.NewVerifier(jwtverify.VerifierConfig{
		Algorithms: []string{"RS256", "ES256"},
		Issuers:    []string{issuer},
		Audiences:  []string{"my-api"},
	})
	if err != nil {
		return nil, err
	}
	keys, err := jwtverify.Discover(issuer)
	if err != nil {
		return nil, err
	}
	verifier, err := jwtverify.NewJwksVerifier(policy, keys) // once, not for each token
	if err != nil {
		return nil, err
	}
	return verifier.Verify(context.Background(), token)
}
