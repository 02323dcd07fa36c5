//! Who reads pages of documents.
//!
//! [`App::read_document`] is the one place where the document engine is asked. Sessions ask a [`PageReader`], so that one
//! can be played in a test with pages that were made up.

use std::fmt;

use assets::Store;
use domain::{Day, DocumentCheck, DocumentPolicy, PageEvidence, Timestamp};
use engine::document::{DocumentModelFiles, DocumentReader, PageReading};
use media::Frame;
use serde::Serialize;

use crate::{App, AppError};

/// What the rules say of a document without its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgedPages {
    /// Version of the rules.
    pub policy: &'static str,
    /// Its checks.
    pub checks: [DocumentCheck; 3],
}

/// Reads one picture of a document.
pub trait PageReader: Send + Sync + fmt::Debug {
    /// What `frame` shows. Takes a while: for the threads that may compute. `today` settles the centuries of dates.
    ///
    /// # Errors
    /// Failures of the models, and [`AppError::NoDocuments`] where they are not there.
    fn read_page(&self, app: &App, frame: &Frame, today: Day) -> Result<PageReading, AppError>;

    /// Whether pages can be read: to be asked before a picture is kept for a job.
    ///
    /// # Errors
    /// [`AppError::NoDocuments`] where the models are not there.
    fn check(&self, _: &App) -> Result<(), AppError> {
        Ok(())
    }

    /// As [`read_page`](Self::read_page) where a side of an Egyptian identity card is expected, as [`App::read_card`].
    ///
    /// # Errors
    /// Those of [`read_page`](Self::read_page).
    fn read_card(&self, app: &App, frame: &Frame, today: Day) -> Result<PageReading, AppError> {
        self.read_page(app, frame, today)
    }
}

/// Asks the document engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct EnginePages;

impl PageReader for EnginePages {
    fn check(&self, app: &App) -> Result<(), AppError> {
        app.documents().map(drop)
    }

    fn read_page(&self, app: &App, frame: &Frame, today: Day) -> Result<PageReading, AppError> {
        app.read_document(frame, today)
    }

    fn read_card(&self, app: &App, frame: &Frame, today: Day) -> Result<PageReading, AppError> {
        app.read_card(frame, today)
    }
}

impl App {
    /// The reader of documents over the files of `store`; `None` where the group `document` is not there. Its models are
    /// loaded with the first document.
    pub(crate) fn open_documents(store: &Store, at_once: usize) -> Result<Option<DocumentReader>, AppError> {
        let (Ok(text_detector), Ok(text_recogniser)) =
            (store.path("text_detector"), store.path("text_recogniser"))
        else {
            return Ok(None);
        };
        let files =
            DocumentModelFiles { runtime: store.path("onnxruntime")?, text_detector, text_recogniser };
        Ok(Some(DocumentReader::open(&files, at_once)?))
    }

    /// The document engine.
    ///
    /// # Errors
    /// [`AppError::NoDocuments`] where its models are not there.
    pub fn documents(&self) -> Result<&DocumentReader, AppError> {
        self.documents.as_ref().ok_or(AppError::NoDocuments)
    }

    /// Reads a picture of one side of a document. `today` settles the centuries of dates.
    ///
    /// # Errors
    /// [`AppError::NoDocuments`] where their models are not there, and failures of the engine.
    pub fn read_document(&self, frame: &Frame, today: Day) -> Result<PageReading, AppError> {
        Ok(self.documents()?.read(frame, self.engine(), today)?)
    }

    /// As [`read_document`](Self::read_document) where a side of an Egyptian identity card is expected: that is looked for
    /// first, and other documents only where it is none. [`domain::egypt::side_faults`] says whether what was read can be
    /// taken as that side.
    ///
    /// # Errors
    /// Those of [`read_document`](Self::read_document).
    pub fn read_card(&self, frame: &Frame, today: Day) -> Result<PageReading, AppError> {
        Ok(self.documents()?.read_card(frame, self.engine(), today)?)
    }

    /// What the pages of a document say of it at `now`, its holder left aside: the checks of a session that need no more,
    /// by the same rules.
    pub fn judge_document(
        &self,
        front: &PageEvidence,
        back: Option<&PageEvidence>,
        now: Timestamp,
    ) -> JudgedPages {
        let policy = DocumentPolicy::STANDARD;
        JudgedPages { policy: policy.version, checks: policy.judge_pages(front, back, now) }
    }
}
