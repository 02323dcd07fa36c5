//! A picture of a document is looked at before it is sent for good: what keeps it from being of use. Nothing of it is kept.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Day, DocumentPolicy, PageSide, PictureAdvice, WantedDocument};
use media::DecodeError;

use super::Service;
use crate::{Admission, ServiceError};

/// Why a picture was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// It cannot be read.
    #[error("the file format is not supported or the file is damaged: {0}")]
    Format(#[source] DecodeError),
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Service {
    /// What keeps `picture` from being of use as that side of the document that is `wanted`; `None` where nothing does.
    ///
    /// # Errors
    /// [`EvaluateError`].
    pub async fn evaluate_page(
        &self,
        _admission: Admission,
        picture: Bytes,
        wanted: WantedDocument,
        side: PageSide,
    ) -> Result<Option<PictureAdvice>, EvaluateError> {
        let room = self.inner.faces.frame_room().await?;
        let (pages, today) = (Arc::clone(&self.inner.pages), Day::of(self.now()));
        let seen = self.inner.faces.run(move |app| {
            let frame = app.decode(&picture).map_err(EvaluateError::Format)?;
            let luminance = engine::document::luminance(&frame);
            let page = pages.read_page(app, &frame, today).map_err(ServiceError::App)?.evidence;
            Ok(DocumentPolicy::STANDARD.advice(&wanted, side, &page, luminance))
        });
        let advice = seen.await?;
        drop(room);
        advice
    }
}
