//! Links that open one thing for a while, without an API key.

use std::time::Duration;

use domain::{About, ArtifactId, EnrollmentId, KeyId, PageSide, TenantId, Timestamp, VerificationId};
use serde::{Deserialize, Serialize};

use super::{Service, token};
use crate::{Caller, ServiceError};

/// How long a link to a photo opens it.
pub(crate) const FILE_LINK_TTL: Duration = Duration::from_mins(15);

const UPLOAD: &str = "upload";
const FILE: &str = "file";

/// Why a link opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// This server did not make it.
    #[error("the link is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

/// A link that takes one photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadLink {
    pub(crate) tenant: TenantId,
    pub(crate) about: About,
    /// Which side of a document, where it takes one.
    pub(crate) side: Option<PageSide>,
}

impl UploadLink {
    /// What the photo is for.
    pub fn about(&self) -> About {
        self.about
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    exp: i64,
    tenant: TenantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrollment: Option<EnrollmentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verification: Option<VerificationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    side: Option<PageSide>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artifact: Option<ArtifactId>,
    /// Who asked for a link to a photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<KeyId>,
}

impl Service {
    /// The token of a link that takes the photo of `about` until `end`; of that `side` where it asks for a document.
    pub(crate) fn upload_link(
        &self,
        tenant: TenantId,
        about: About,
        side: Option<PageSide>,
        end: Timestamp,
    ) -> Result<String, ServiceError> {
        let (enrollment, verification) = match about {
            About::Enrollment(id) => (Some(id), None),
            About::Verification(id) => (None, Some(id)),
            // No link takes its pictures: one like this opens nothing.
            About::Session(_) => (None, None),
        };
        // A deadline lies between two seconds; the link lives until the later one and the aggregate decides.
        let exp = end.as_secs() + 1;
        let claims = Claims {
            aud: UPLOAD.to_owned(),
            exp,
            tenant,
            enrollment,
            verification,
            side,
            artifact: None,
            key: None,
        };
        token::sign(&self.inner.signing, &claims)
    }

    /// The token of a link that shows the photo `artifact` of the caller's tenant for 15 minutes.
    pub(crate) fn file_link(&self, caller: &Caller, artifact: ArtifactId) -> Result<String, ServiceError> {
        let exp = self.now().plus(FILE_LINK_TTL).as_secs();
        let claims = Claims {
            aud: FILE.to_owned(),
            exp,
            tenant: caller.tenant.id,
            enrollment: None,
            verification: None,
            side: None,
            artifact: Some(artifact),
            key: Some(caller.key.id),
        };
        token::sign(&self.inner.signing, &claims)
    }

    /// Reads the token of an upload link.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn read_upload_link(&self, token: &str) -> Result<UploadLink, LinkError> {
        let claims = self.claims(UPLOAD, token)?;
        let about = match (claims.enrollment, claims.verification) {
            (Some(id), None) => About::Enrollment(id),
            (None, Some(id)) => About::Verification(id),
            _ => return Err(LinkError::Invalid),
        };
        Ok(UploadLink { tenant: claims.tenant, about, side: claims.side })
    }

    /// Reads the token of a link to a photo, which also says who asked for it.
    pub(crate) fn read_file_link(&self, token: &str) -> Result<(TenantId, ArtifactId, KeyId), LinkError> {
        let claims = self.claims(FILE, token)?;
        let (artifact, key) = claims.artifact.zip(claims.key).ok_or(LinkError::Invalid)?;
        Ok((claims.tenant, artifact, key))
    }

    fn claims(&self, audience: &str, token: &str) -> Result<Claims, LinkError> {
        let claims: Claims =
            token::read(&self.inner.signing, Some(audience), token).ok_or(LinkError::Invalid)?;
        if token::has_expired(claims.exp, self.now()) { Err(LinkError::Expired) } else { Ok(claims) }
    }
}
