//! The image of an offer: taken in with nothing in it but the picture.

use nahraum_domain::{
    ids::OfferId,
    offers::image::{Image, is_small_enough},
};
use nahraum_secrets::sha256;
use nahraum_store::offers as store;

use super::written;
use crate::{App, Call, Refusal, offers::Offer};

impl App {
    /// Whether the caller may write offers at all: asked before the first byte of an image is taken in.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn may_publish(&self, call: &Call) -> Result<(), Refusal> {
        self.as_publisher(call, |_, _| Ok(())).await
    }

    /// Gives an offer this image, if nobody else was faster. Everything in the file that is not the picture is left out.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Refusal::Unreadable`] when it is no whole image,
    /// [`Refusal::Invalid`] when it is too large; [`Refusal::StateConflict`] when the offer is archived or was changed since.
    pub async fn put_offer_image(
        &self,
        call: &Call,
        id: OfferId,
        revision: i32,
        bytes: Vec<u8>,
    ) -> Result<Offer, Refusal> {
        let stripped = tokio::task::spawn_blocking(move || nahraum_formats::image::strip(&bytes)).await;
        let stripped = stripped.map_err(|_| Refusal::Internal)?;
        let stripped = stripped.map_err(|not| Refusal::Unreadable(not.into()))?;
        let (facts, content) = (stripped.facts, stripped.bytes);
        if !is_small_enough(facts.width, facts.height, content.len()) {
            let detail =
                "At most 4,096 pixels on the longer side and 512 KiB: 1,600 pixels and JPEG quality 75 are well below.";
            return Err(Refusal::invalid("", "too-large", detail));
        }
        let image =
            Image { media_type: facts.media_type, width: facts.width, height: facts.height, sha256: sha256(&content) };
        self.as_publisher_writing(call, move |tx, caller| {
            written(store::put_image(tx, caller, id, revision, &image, &content)?)
        })
        .await
    }

    /// Takes the image of an offer away, if nobody else was faster.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`]; [`Refusal::NotFound`] when there is none; [`Refusal::StateConflict`] when the offer is
    /// archived or was changed since.
    pub async fn delete_offer_image(&self, call: &Call, id: OfferId, revision: i32) -> Result<Offer, Refusal> {
        self.as_publisher_writing(call, move |tx, caller| written(store::delete_image(tx, caller, id, revision)?)).await
    }

    /// The image of a public offer that says what it shows.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn offer_image(&self, call: &Call, id: OfferId) -> Result<(Image, Vec<u8>), Refusal> {
        self.public(call, move |tx| Ok(store::image(tx, id)?.ok_or(Refusal::NotFound)?)).await
    }

    /// The image of an offer before the public sees it: the organisation's own, or, for the district office, of one that waits.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn publisher_offer_image(&self, call: &Call, id: OfferId) -> Result<(Image, Vec<u8>), Refusal> {
        self.as_publisher(call, move |tx, caller| Ok(store::own_image(tx, caller, id)?.ok_or(Refusal::NotFound)?)).await
    }
}
