//! What can be written on the command line.

use clap::{ArgGroup, Args, Parser, Subcommand};

/// The exit codes, in the help of every command that has a verdict.
const EXIT_CODES: &str = "\
Exit codes:
  0  yes: the answer to the command's question is good
  1  no: the token (or, for check, the key set) is at fault
  2  usage: an option or a setting is wrong
  3  not known now: the keys could not be read or fetched
  4  internal error, please report it";

const LINT_EXIT_CODES: &str = "\
Exit codes:
  0  no errors; with --strict, no warnings either
  1  errors, or warnings with --strict
  2  usage: an option or the URL is wrong
  3  not known now: the document could not be read or fetched
  4  internal error, please report it";

#[derive(Debug, Parser)]
#[command(
    name = "jwtverify",
    version,
    about = "Looks at JSON Web Tokens, verifies them, and says what is wrong with a key set",
    arg_required_else_help = true,
    propagate_version = true,
    after_help = "\
Where to start:
  a token is refused and nobody says why   jwtverify inspect -
  \"key not found\"                          jwtverify check URL --kid KID
  before publishing or rotating keys       jwtverify lint URL"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Inspect(InspectArgs),
    Verify(Box<VerifyArgs>),
    Check(CheckArgs),
    Lint(LintArgs),
}

/// Show what a token says, without verifying anything
///
/// Prints the header, the claims marked UNVERIFIED, and an analysis: what would make a verifier
/// refuse this token, and what to do next. Anybody can write such a token; never act on it.
#[derive(Args, Debug)]
#[command(after_help = format!("\
Examples:
  pbpaste | jwtverify inspect -
  jwtverify inspect --json - < token.txt | jq .claims_unverified.exp

{EXIT_CODES}"))]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) clock: ClockArgs,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
}

/// Verify a token against a key set: signature, algorithm, issuer, audience and times
///
/// Says VALID and shows the claims, or says why not and what to do about it. The algorithms, the
/// issuer and the audience have no default: a verifier that was not told them proves nothing.
#[derive(Args, Debug)]
#[command(
    group(ArgGroup::new("keys").required(true).args(["jwks", "issuer_discovery"])),
    group(ArgGroup::new("audience").required(true).args(["aud", "any_aud"]).multiple(true)),
    after_help = format!("\
Examples:
  jwtverify verify --issuer-discovery https://idp.example --alg RS256 --aud my-api - < token.txt
  jwtverify verify --jwks keys.json --alg ES256,RS256 --iss https://idp.example --aud my-api -
  jwtverify verify --jwks secret.json --allow-symmetric --alg HS256 --any-iss --any-aud --json -

{EXIT_CODES}")
)]
pub(crate) struct VerifyArgs {
    /// The key set: an https URL, or a file with a JWKS document or a single JWK
    #[arg(long, value_name = "URL|FILE", help_heading = "Keys")]
    pub(crate) jwks: Option<String>,

    /// Find the key set through the issuer's discovery document; without --iss, tokens must
    /// name this issuer
    #[arg(long, value_name = "URL", help_heading = "Keys")]
    pub(crate) issuer_discovery: Option<String>,

    /// Use symmetric (oct) keys of a local key-set file; whoever holds them can also forge tokens
    #[arg(long, help_heading = "Keys", conflicts_with = "issuer_discovery")]
    pub(crate) allow_symmetric: bool,

    #[command(flatten)]
    pub(crate) fetch: FetchArgs,

    /// Algorithms to accept, such as RS256 or ES256,EdDSA
    #[arg(
        long,
        value_name = "ALG",
        required = true,
        value_delimiter = ',',
        help_heading = "Policy"
    )]
    pub(crate) alg: Vec<String>,

    /// The issuer that the token must name, byte for byte (may be repeated: any of them); needed
    /// unless there is --any-iss or --issuer-discovery
    #[arg(
        long,
        value_name = "ISSUER",
        required_unless_present_any = ["any_iss", "issuer_discovery"],
        help_heading = "Policy"
    )]
    pub(crate) iss: Vec<String>,

    /// Do not look at the issuer
    #[arg(long, conflicts_with = "iss", help_heading = "Policy")]
    pub(crate) any_iss: bool,

    /// The audience that the token must be for, byte for byte (may be repeated: any of them)
    #[arg(long, value_name = "AUDIENCE", help_heading = "Policy")]
    pub(crate) aud: Vec<String>,

    /// Do not look at the audience
    #[arg(long, conflicts_with = "aud", help_heading = "Policy")]
    pub(crate) any_aud: bool,

    /// Seconds that the issuer's clock may differ from this one, 0 to 300
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        help_heading = "Policy"
    )]
    pub(crate) leeway: u64,

    /// The typ that the header must have, such as at+jwt
    #[arg(long, value_name = "TYP", help_heading = "Policy")]
    pub(crate) typ: Option<String>,

    /// Claims that must be there besides exp (may be repeated)
    #[arg(
        long,
        value_name = "CLAIM",
        value_delimiter = ',',
        help_heading = "Policy"
    )]
    pub(crate) require: Vec<String>,

    /// Accept tokens that never expire: do not require exp
    #[arg(long, help_heading = "Policy")]
    pub(crate) exp_optional: bool,

    /// Refuse tokens that were issued longer ago than this
    #[arg(long, value_name = "SECONDS", help_heading = "Policy")]
    pub(crate) max_age: Option<u64>,

    /// Tolerate base64 padding, as the tokens of AWS load balancers have it
    #[arg(long, help_heading = "Policy")]
    pub(crate) allow_padding: bool,

    #[command(flatten)]
    pub(crate) clock: ClockArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
}

/// Say whether a key set can be had, what is in it and what is wrong with it
///
/// Says how far the request came, what the answer says about itself, and lists every key, usable or
/// not, with the reason; then what to do. Keys that a verifier would skip are no failure as long as
/// one usable key is left. A file is judged as if it were published: secrets and private keys in it
/// are never usable.
#[derive(Args, Debug)]
#[command(after_help = format!("\
Examples:
  jwtverify check https://idp.example/.well-known/jwks.json
  jwtverify check keys.json --kid 2026-11 --json
  jwtverify check https://idp.example/jwks.json --snapshot idp.json --save idp.json

The last one says what changed since it was run last.

{EXIT_CODES}"))]
pub(crate) struct CheckArgs {
    /// The key set: an https URL, or a file with a JWKS document or a single JWK
    #[arg(value_name = "URL|FILE")]
    pub(crate) source: String,

    /// Fail unless the set has a usable key with this key ID
    #[arg(long, value_name = "KID")]
    pub(crate) kid: Option<String>,

    /// Say what changed since this snapshot was saved; no change makes the check fail
    #[arg(long, value_name = "FILE")]
    pub(crate) snapshot: Option<String>,

    /// Save a snapshot, if there is a usable key: kids and thumbprints, nothing secret. May be the
    /// file of --snapshot, which need not be there at first
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<String>,

    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Say what a key set or a discovery document should do better before it is published
///
/// Looks for published secrets and private keys, weak and broken keys, missing and duplicate key
/// IDs, members that leave room for attacks, certificates of other keys; in discovery documents,
/// for what clients refuse. Each finding says what to do. A discovery document that is fetched
/// leads to its key set, which is looked at too.
#[derive(Args, Debug)]
#[command(after_help = format!("\
Examples:
  jwtverify lint keys.json
  jwtverify lint https://idp.example/.well-known/openid-configuration
  jwtverify lint keys.json --strict --json | jq .findings

{LINT_EXIT_CODES}"))]
pub(crate) struct LintArgs {
    /// The document: an https URL, or a file
    #[arg(value_name = "URL|FILE")]
    pub(crate) source: String,

    /// Let warnings count like errors
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct FetchArgs {
    /// Trust this certificate authority (PEM or DER) when fetching keys, instead of the public ones
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) ca: Option<String>,

    /// Seconds that a fetch may take in all
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 5,
        value_parser = clap::value_parser!(u64).range(1..=60),
        help_heading = "Keys"
    )]
    pub(crate) timeout: u64,
}

#[derive(Args, Debug)]
pub(crate) struct ClockArgs {
    /// The time to judge by, in seconds since 1970, instead of this machine's clock
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) now: Option<i64>,
}

#[derive(Args, Debug)]
pub(crate) struct OutputArgs {
    /// Print one JSON object instead of text, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct TokenArgs {
    /// The token, or - to read it from standard input; other users of this machine can see
    /// command lines, so prefer -
    #[arg(value_name = "TOKEN|-", allow_hyphen_values = false)]
    pub(crate) token: String,
}
