//! The strategies, one a file: the engine of this library, and models of what others do.

use crate::day::Day;
use crate::figures::Figures;
use crate::fleet;

mod cooldown;
mod each_miss;
mod jwtverify;
mod timer;
mod ttl_only;

pub use cooldown::Cooldown;
pub use each_miss::EachMiss;
pub use jwtverify::JwtVerify;
pub use timer::Timer;
pub use ttl_only::TtlOnly;

/// A strategy, and who is known for it.
#[derive(Clone, Copy, Debug)]
pub struct Strategy {
    /// Its name in tables.
    pub name: &'static str,
    /// What it does.
    pub what: &'static str,
    /// Reports of users who met it.
    pub seen_in: &'static str,
    /// Simulates a day of so many processes from a seed.
    pub run: fn(&Day, u32, u64) -> Figures,
}

/// All strategies, this library's first.
pub const ALL: [Strategy; 5] = [
    Strategy {
        name: "jwtverify",
        what: "the engine of this library with its default settings",
        seen_in: "",
        run: fleet::run::<JwtVerify>,
    },
    Strategy {
        name: "each miss",
        what: "an unknown key ID causes a fetch, unless one is on its way; a set that was fetched \
               has no end",
        seen_in: "coreos/go-oidc#482, auth0/node-jwks-rsa#319, apollographql/apollo-mcp-server#783; \
                  no end: jpadilla/pyjwt#1051, synergyai-nl/svelte-langgraph#284",
        run: fleet::run::<EachMiss>,
    },
    Strategy {
        name: "cooldown",
        what: "an unknown key ID causes a fetch, but not within 30 seconds of the last successful \
               one; past its ttl the set is dropped, and each token asks anew unless a fetch is on \
               its way",
        seen_in: "backstage/backstage#35233, blckngm/jwtk#8, jdx/mr-boxington-cache#1",
        run: fleet::run::<Cooldown>,
    },
    Strategy {
        name: "ttl only",
        what: "an unknown key ID is refused; past its ttl the set is dropped, and each token asks \
               anew unless a fetch is on its way",
        seen_in: "auth0/node-jwks-rsa#385, auth0/go-jwt-middleware#288, cduvray/jwt-authorizer#25, \
                  envoyproxy/gateway#4791",
        run: fleet::run::<TtlOnly>,
    },
    Strategy {
        name: "timer",
        what: "the set is fetched each 10 minutes from the start of the process and is used until \
               another arrives, however long that takes; an unknown key ID is refused",
        seen_in: "smallrye/smallrye-jwt#228, openfga/openfga#3099, kgateway-dev/kgateway#4507",
        run: fleet::run::<Timer>,
    },
];
