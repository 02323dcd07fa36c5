//! Documents that are looked at outside the steps. Nothing of them is kept.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Day, PageEvidence};

use super::{Service, TransactionError, decode};
use crate::{Admission, ServiceError};

impl Service {
    /// What the picture of a document shows.
    ///
    /// # Errors
    /// [`TransactionError`] for a picture that cannot be read.
    pub async fn look_at_document(
        &self,
        _admission: Admission,
        picture: Bytes,
    ) -> Result<PageEvidence, TransactionError> {
        let room = self.inner.faces.frame_room().await?;
        let (pages, today) = (Arc::clone(&self.inner.pages), Day::of(self.now()));
        let seen = self.inner.faces.run(move |app| {
            let frame = decode(app, &picture)?;
            let reading = pages.read_card(app, &frame, today).map_err(ServiceError::App)?;
            Ok::<_, TransactionError>(reading.evidence)
        });
        let seen = seen.await?;
        drop(room);
        seen
    }
}
