//! Waiting for something to become true.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::time::Instant;

/// How long anything may take that should happen at once. Generous, since test machines are busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How long nothing may happen before it counts as still.
const CALM: Duration = Duration::from_millis(500);

/// Time between two looks.
const GLANCE: Duration = Duration::from_millis(25);

/// Looks until there is something to return; fails after [`PATIENCE`], saying what it waited for.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, look).await
}

/// [`until`] with a deadline of its own.
pub async fn until_within<T>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(seen) = look().await.with_context(|| format!("while waiting for {what}"))? {
            return Ok(seen);
        }
        if Instant::now() >= deadline {
            bail!("waited {patience:?} for {what}");
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// Looks until the same was seen for [`CALM`].
pub async fn until_still<T: PartialEq>(what: &str, mut look: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let mut seen = look().await?;
    until(what, async || {
        tokio::time::sleep(CALM).await;
        let before = std::mem::replace(&mut seen, look().await?);
        Ok((before == seen).then_some(()))
    })
    .await?;
    Ok(seen)
}

/// What a scripted device takes before it answers: it is slow, and nobody waits here for anything to become true.
pub async fn taken_by_a_device(time: Duration) {
    tokio::time::sleep(time).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_looks_until_something_is_there() {
        let mut looks = 0;
        let seen = until("the third look", async || {
            looks += 1;
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(seen.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn it_says_what_never_came() {
        let never = until_within(Duration::from_millis(1), "godot", async || Ok(None::<()>)).await;
        assert_eq!(never.unwrap_err().to_string(), "waited 1ms for godot");
    }
}
