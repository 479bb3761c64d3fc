//! Printing on a thread of its own: it takes a while.

use nahraum_domain::private::Private;
use nahraum_print::PrintError;

use crate::Refusal;

/// Prints. `what` is for the log, which says that it cannot be printed and nothing of what it says.
///
/// # Errors
/// [`Refusal::Internal`].
pub(crate) async fn printed(
    what: &'static str,
    print: impl FnOnce() -> Result<Vec<u8>, PrintError> + Send + 'static,
) -> Result<Private<Vec<u8>>, Refusal> {
    match tokio::task::spawn_blocking(print).await {
        Ok(Ok(pdf)) => Ok(Private::new(pdf)),
        Ok(Err(error)) => {
            tracing::error!(%error, what, "this cannot be printed");
            Err(Refusal::Internal)
        }
        Err(_) => Err(Refusal::Internal),
    }
}
