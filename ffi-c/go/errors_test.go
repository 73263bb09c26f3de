package jwtverify

import (
	"errors"
	"testing"
)

// Who is at fault decides what a service answers, for every code there is.
func TestThreeKindsOfFailureAreNeverMixed(t *testing.T) {
	const challenge = `Bearer error="invalid_token"`
	answers := map[Family]struct {
		status    int
		challenge string
	}{
		ErrInvalidToken: {401, challenge},
		ErrMisuse:       {500, ""},
		ErrUnavailable:  {503, ""},
		ErrBug:          {500, ""},
	}
	for _, row := range allCodes {
		err := newError(row.code)
		wanted := answers[row.family]
		if err.HTTPStatus != wanted.status || err.WWWAuthenticate != wanted.challenge {
			t.Errorf("%s: %d %q", row.name, err.HTTPStatus, err.WWWAuthenticate)
		}
		if err.RetryAfter >= 0 {
			t.Errorf("%s: nothing was asked, so there is nothing to wait for", row.name)
		}
		for family := range answers {
			if errors.Is(err, family) != (family == row.family) {
				t.Errorf("%s: errors.Is %v", row.name, family)
			}
		}
	}
}
