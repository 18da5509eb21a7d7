//! Bootstrap sessions in the words of REST and the WebSocket.

use coap::Code;
use console_api::{
    BootstrapBeginning, BootstrapFailure, BootstrapOperation, BootstrapSpeaker, BootstrapStep,
};
use lwm2m_core::bootstrap_server::{Beginning, BootstrapOperation as Operation, Failure, Step};

pub(super) const fn beginning(beginning: Beginning) -> BootstrapBeginning {
    match beginning {
        Beginning::Client => BootstrapBeginning::Client,
        Beginning::Server => BootstrapBeginning::Server,
        Beginning::Pack => BootstrapBeginning::Pack,
    }
}

pub(super) fn failure(failure: Failure) -> BootstrapFailure {
    let Failure { step, what, advice, .. } = failure;
    BootstrapFailure { step, what, advice }
}

pub(super) fn step(step: Step) -> BootstrapStep {
    let from = if step.from_device { BootstrapSpeaker::Device } else { BootstrapSpeaker::Server };
    BootstrapStep {
        at_ms: step.at.as_millis(),
        from,
        operation: operation(step.operation),
        code: code(step.code),
        path: step.path,
        query: step.query,
        content_format: step.content_format.map(|format| format.0),
        payload: step.payload,
        masked: step.masked.iter().map(ToString::to_string).collect(),
        failed: step.failed,
        remark: step.remark,
    }
}

/// The last step of a session: the device has used what it received.
pub(super) fn registered(at_ms: u64) -> BootstrapStep {
    BootstrapStep {
        at_ms,
        from: BootstrapSpeaker::Device,
        operation: BootstrapOperation::Register,
        code: code(Code::POST),
        path: "/rd".to_owned(),
        query: String::new(),
        content_format: None,
        payload: Vec::new(),
        masked: Vec::new(),
        failed: false,
        remark: "The device has registered with this server.".to_owned(),
    }
}

const fn operation(operation: Operation) -> BootstrapOperation {
    match operation {
        Operation::Request => BootstrapOperation::Request,
        Operation::Discover => BootstrapOperation::Discover,
        Operation::Read => BootstrapOperation::Read,
        Operation::Write => BootstrapOperation::Write,
        Operation::Delete => BootstrapOperation::Delete,
        Operation::Finish => BootstrapOperation::Finish,
        Operation::Pack => BootstrapOperation::Pack,
    }
}

/// `POST`, `2.04`
fn code(code: Code) -> String {
    match code {
        Code::GET => "GET".to_owned(),
        Code::POST => "POST".to_owned(),
        Code::PUT => "PUT".to_owned(),
        Code::DELETE => "DELETE".to_owned(),
        other => other.to_string(),
    }
}
