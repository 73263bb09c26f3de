// Package jwtverify verifies JSON Web Tokens. It answers one question: may I trust this token?
//
// It runs the same core as the Rust, C and Python packages of the project, so a token gets the
// same verdict and the same code everywhere.
//
//	remote, err := jwtverify.Discover("https://idp.example")
//	...
//	verifier, err := jwtverify.NewVerifier(jwtverify.VerifierConfig{
//		Algorithms: []string{"RS256", "ES256"},
//		Issuers:    []string{"https://idp.example"},
//		Audiences:  []string{"my-api"},
//		Leeway:     time.Minute,
//	})
//	...
//	joined, err := jwtverify.NewJwksVerifier(verifier, remote)
//	...
//	verified, err := joined.Verify(ctx, token)
//	switch {
//	case errors.Is(err, jwtverify.ErrUnavailable): // answer 503, keys cannot be fetched now
//	case err != nil: // answer 401
//	}
//
// # Threads and memory
//
// All values are immutable after they were made, and any number of goroutines may use one at
// once. [KeySet], [Verifier], [RemoteJwks] and [JwksVerifier] hold memory of the C library: Close
// gives it back at once, the garbage collector does so later. Close may be called while other
// goroutines are still verifying; they finish undisturbed. A [Verified] is plain Go memory.
//
// # Linking
//
// The package needs the C library, its header and its pkg-config file (`make install`). It links
// with libjwtverify.so, or, with the build tag jwtverify_static, with libjwtverify.a, so that the
// program needs nothing at run time.
package jwtverify
