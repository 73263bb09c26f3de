package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// keyOf makes a key of Go's crypto of a JWK that is known to be good.
func keyOf(jwk map[string]any) (any, error) {
	octets := func(name string) []byte {
		text, _ := jwk[name].(string)
		value, _ := base64.RawURLEncoding.DecodeString(text)
		return value
	}
	number := func(name string) *big.Int { return new(big.Int).SetBytes(octets(name)) }
	switch jwk["kty"] {
	case "RSA":
		return &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}, nil
	case "EC":
		curves := map[any]elliptic.Curve{
			"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521(),
		}
		return &ecdsa.PublicKey{Curve: curves[jwk["crv"]], X: number("x"), Y: number("y")}, nil
	case "OKP":
		return ed25519.PublicKey(octets("x")), nil
	case "oct":
		return octets("k"), nil
	}
	return nil, fmt.Errorf("key type %v", jwk["kty"])
}

var errSignature = errors.New("the signature is not valid")

// raw checks the signature alone.
func raw(f fixture) (once, error) {
	dot := strings.LastIndexByte(f.token, '.')
	message := []byte(f.token[:dot])
	signature, err := base64.RawURLEncoding.DecodeString(f.token[dot+1:])
	if err != nil {
		return nil, err
	}
	switch key := f.key.(type) {
	case *rsa.PublicKey:
		return func() error {
			digest := sha256.Sum256(message)
			if f.algorithm == "PS256" {
				options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
				return rsa.VerifyPSS(key, crypto.SHA256, digest[:], signature, options)
			}
			return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
		}, nil
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		r := new(big.Int).SetBytes(signature[:half])
		s := new(big.Int).SetBytes(signature[half:])
		return func() error {
			if !ecdsa.Verify(key, digestFor(f.algorithm, message), r, s) {
				return errSignature
			}
			return nil
		}, nil
	case ed25519.PublicKey:
		return func() error {
			if !ed25519.Verify(key, message, signature) {
				return errSignature
			}
			return nil
		}, nil
	case []byte:
		return func() error {
			mac := hmac.New(sha256.New, key)
			mac.Write(message)
			if !hmac.Equal(mac.Sum(nil), signature) {
				return errSignature
			}
			return nil
		}, nil
	}
	return nil, fmt.Errorf("key of type %T", f.key)
}

func digestFor(algorithm string, message []byte) []byte {
	switch algorithm {
	case "ES384":
		digest := sha512.Sum384(message)
		return digest[:]
	case "ES512":
		digest := sha512.Sum512(message)
		return digest[:]
	}
	digest := sha256.Sum256(message)
	return digest[:]
}
