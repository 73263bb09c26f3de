//! verify ISSUER TOKEN
use jwtverify_jwks::{Algorithm, JwksVerifier, RemoteJwks, Verifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, issuer, token] = args.as_slice() else {
        return Err("verify ISSUER TOKEN".into());
    };

    let policy = Verifier::builder()
        .algorithms([Algorithm::Rs256, Algorithm::Es256])
        .issuer(issuer)
        .audience("my-api")
        .build()?;
    let verifier = JwksVerifier::new(policy.into_owned(), RemoteJwks::discover(issuer)?);
    match verifier.verify(token) {
        Ok(verified) => println!("valid: {}", verified.claims().json()),
        Err(error) => println!("{}: {error}", error.http_status()),
    }
    Ok(())
}
