use console_api::{Details, UploadedObject};

use crate::api::Failure;
use crate::format;

/// A file of definitions on its way to the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Upload {
    /// Of the file, or what else tells it from others.
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Pending,
    /// What the server took.
    Added(Vec<UploadedObject>),
    Refused {
        message: String,
        details: Option<Details>,
    },
}

impl From<Result<Vec<UploadedObject>, Failure>> for Outcome {
    fn from(answer: Result<Vec<UploadedObject>, Failure>) -> Self {
        match answer {
            Ok(objects) => Self::Added(objects),
            Err(failure) => Self::Refused { message: failure.message, details: failure.details },
        }
    }
}

impl Upload {
    /// In one sentence, for those who do not see the list.
    pub(crate) fn sentence(&self) -> String {
        match &self.outcome {
            Outcome::Pending => format!("{} is being uploaded", self.name),
            Outcome::Added(objects) => {
                format!("{} of {} added", format::plural(objects.len(), "definition"), self.name)
            }
            Outcome::Refused { message, .. } => format!("{} was refused: {message}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_a_sentence() {
        let failure = Failure { code: "bad_definition".into(), message: "line 3".into(), details: None };
        let upload = |outcome| Upload { name: "meter.xml".into(), outcome }.sentence();
        assert_eq!(upload(Err(failure).into()), "meter.xml was refused: line 3");
        assert_eq!(upload(Ok(Vec::new()).into()), "0 definitions of meter.xml added");
        assert_eq!(upload(Outcome::Pending), "meter.xml is being uploaded");
    }
}
