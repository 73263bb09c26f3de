//! The same key set for callers that are tasks.

use std::sync::Arc;

use jwtverify_core::Provider;

use super::{RemoteJwks, having};
use crate::engine::Want;
use crate::error::Error;
use crate::resolve::Call;
use crate::snapshot::Snapshot;
use crate::waiting::{AsTask, Caller};

/// For tasks on tokio, with the feature `async`.
///
/// They share everything with the blocking methods: the set, the budgets, and the one fetch for any
/// number of callers. They never block the thread. A future that is dropped while it waits leaves
/// the fetch to the others. They must be polled inside a tokio runtime that has time enabled;
/// elsewhere a call that must wait ends at once with `UnavailableTimeout`.
impl<P: Provider> RemoteJwks<P> {
    /// As [`keys`](Self::keys).
    ///
    /// # Errors
    /// As [`keys`](Self::keys).
    pub async fn keys_async(&self) -> Result<Arc<Snapshot<P>>, Error> {
        if let Some(held) = self.snapshot()
            && self.shared.is_ready(&held, Caller::Task)
        {
            return Ok(held);
        }
        self.wait_for(Want::Keys).await
    }

    /// As [`keys_with`](Self::keys_with).
    ///
    /// # Errors
    /// As [`keys_with`](Self::keys_with).
    pub async fn keys_with_async(&self, kid: &str) -> Result<Arc<Snapshot<P>>, Error> {
        let call = Call {
            kid: &|| Some(kid.to_owned()),
            hopeless: &|| None,
            wait: self.wait,
        };
        let found = self.shared.resolve_async(&call, having(kid)).await;
        found.map_err(|trouble| self.explain_kid(trouble, kid))
    }

    /// As [`refresh`](Self::refresh).
    ///
    /// # Errors
    /// As [`refresh`](Self::refresh).
    pub async fn refresh_async(&self) -> Result<Arc<Snapshot<P>>, Error> {
        // What the program brought along can't be newer.
        if self.shared.source.is_static() {
            return self.keys_async().await;
        }
        self.wait_for(Want::Refresh).await
    }

    async fn wait_for(&self, want: Want<'static>) -> Result<Arc<Snapshot<P>>, Error> {
        let deadline = self.deadline();
        match self.shared.obtain(&AsTask, want, deadline).await {
            Ok(obtained) => Ok(obtained.snapshot),
            Err(trouble) => Err(self.explain(trouble, &[])),
        }
    }
}
