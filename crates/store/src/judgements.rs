//! Judgements: what was decided and why. Once made, they do not change.

use domain::{Check, Judgement, Reason, TemplateIds, Verification};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::row::{Columns as _, json_text};
use crate::tx::Tx;
use crate::words::Word as _;

const EVIDENCE: &str = "evidence of a judgement";

impl Tx {
    /// Keeps the judgement of a verification.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails, also where the verification has
    /// a judgement.
    pub async fn insert_judgement(
        &mut self,
        verification: &Verification,
        judgement: &Judgement,
    ) -> Result<()> {
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        sqlx::query(
            "INSERT INTO judgements \
             (verification, policy, decision, template_model, template_preprocessing, template_calibration, models, \
             sealed_evidence, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(verification.id.to_string())
        .bind(&judgement.policy)
        .bind(judgement.decision.map(domain::Decision::word))
        .bind(&judgement.templates.model)
        .bind(&judgement.templates.preprocessing)
        .bind(&judgement.templates.calibration)
        .bind(json_text(&judgement.models)?)
        .bind(seal.seal_json(EVIDENCE, verification.id.as_bytes(), &judgement.evidence)?)
        .bind(judgement.at.as_millis())
        .execute(self.connection())
        .await?;
        let checks: Vec<Value> = (judgement.checks.iter())
            .map(|check| {
                let reasons: Vec<String> = check.reasons.iter().map(|reason| reason.code()).collect();
                json!({"name": check.name.word(), "outcome": check.outcome.word(), "reasons": reasons})
            })
            .collect();
        // One statement for all of them, in their order.
        sqlx::query(
            "INSERT INTO judgement_checks (verification, position, name, outcome, reasons) \
             SELECT $1, key, value ->> 'name', value ->> 'outcome', value -> 'reasons' FROM json_each($2)",
        )
        .bind(verification.id.to_string())
        .bind(json_text(&checks)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The judgement of a verification.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn judgement(&mut self, verification: &Verification) -> Result<Option<Judgement>> {
        let id = verification.id.to_string();
        let row = sqlx::query(
            "SELECT policy, decision, template_model, template_preprocessing, template_calibration, models, \
             sealed_evidence, at FROM judgements WHERE verification = $1",
        )
        .bind(&id)
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let checks = sqlx::query(
            "SELECT name, outcome, reasons FROM judgement_checks WHERE verification = $1 ORDER BY position",
        )
        .bind(&id)
        .fetch_all(self.connection())
        .await?;
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        Ok(Some(Judgement {
            policy: row.text("policy")?,
            decision: row.optional_word("decision")?,
            checks: checks.iter().map(read_check).collect::<Result<_>>()?,
            evidence: seal.open_json(EVIDENCE, verification.id.as_bytes(), &row.bytes("sealed_evidence")?)?,
            templates: TemplateIds {
                model: row.text("template_model")?,
                preprocessing: row.text("template_preprocessing")?,
                calibration: row.text("template_calibration")?,
            },
            models: row.json("models")?,
            at: row.time("at")?,
        }))
    }
}

fn read_check(row: &SqliteRow) -> Result<Check> {
    let codes: Vec<String> = row.json("reasons")?;
    let reason =
        |code: &String| Reason::from_code(code).ok_or(StoreError::Corrupt { what: "reason of a check" });
    Ok(Check {
        name: row.word("name")?,
        outcome: row.word("outcome")?,
        reasons: codes.iter().map(reason).collect::<Result<_>>()?,
    })
}
