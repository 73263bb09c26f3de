"""verify.py ISSUER TOKEN"""
import sys

from jwtverify import JwksVerifier, JwtVerifyError, RemoteJwks, Verifier

issuer, token = sys.argv[1:]
policy = Verifier(algorithms=["RS256", "ES256"], issuer=issuer, audience="my-api")
verifier = JwksVerifier(policy, RemoteJwks.discover(issuer))
try:
    print("valid:", verifier.verify(token).claims)
except JwtVerifyError as error:
    print(f"{error.http_status}: {error}")
