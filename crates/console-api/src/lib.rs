//! What server and console say to each other: plain serde types, no logic.
//!
//! REST speaks JSON ([`OperationRequest`], [`OperationResponse`], [`Client`], [`ApiError`]); the WebSocket
//! speaks postcard ([`ServerFrame`], [`ClientFrame`]), or the same frames as JSON. A payload of a device is never
//! decoded on its way: [`Reported`] carries the bytes as they came, with their Content-Format.
//!
//! Types that are part of a frame must not leave out members (`skip_serializing_if`, `flatten`): postcard does not
//! describe itself.

mod access_control;
mod access_control_run;
mod access_control_template;
mod audit;
mod board;
mod bootstrap_configuration;
mod bootstrap_session;
mod client;
mod command;
mod credential;
mod error;
mod events;
mod frame;
mod hex;
mod history;
mod label;
mod objects;
mod observation;
#[cfg(feature = "openapi")]
mod openapi;
mod operation;
mod query;
mod secret;
mod security;
mod server;
mod simulated;
mod trace;

pub use access_control::{
    AccessAnswer, AccessControl, AccessControlApplied, AccessControlInstance, AccessControlObstacle,
    AccessControlPlan, AccessControlState, AccessControlWanted, AccessDisagreement, AccessExplanation,
    AccessOperation, AccessQuestion, PlannedWrite, WrittenAccessControl,
};
pub use access_control_run::{
    AccessControlDeviceState, AccessControlRun, AccessControlRunCounts, AccessControlRunDevice,
    AccessControlRunDevices, AccessControlRunList, AccessControlRunState, NewAccessControlRun,
};
pub use access_control_template::{
    AccessControlDraft, AccessControlRule, AccessControlTemplate, AccessControlTemplateList, ServerNames,
};
pub use audit::{AuditEntry, AuditList};
pub use board::{Board, BoardList, BoardSeries, BoardSummary, Tile, TileKind};
pub use bootstrap_configuration::{
    AccountCredentials, BeginBootstrap, BootstrapAccessControl, BootstrapAssigned, BootstrapAssignment,
    BootstrapCheck, BootstrapConfiguration, BootstrapConfigurationList, BootstrapConfigurationVersions,
    BootstrapInstance, BootstrapProblem, BootstrapServerAccount, OnRefusal, RefusedConfiguration,
    SavedBootstrapConfiguration,
};
pub use bootstrap_session::{
    BootstrapBeginning, BootstrapConfigurationName, BootstrapConversation, BootstrapFailure, BootstrapNow,
    BootstrapNowBy, BootstrapOperation, BootstrapSession, BootstrapSessionList, BootstrapSessionQuery,
    BootstrapSpeaker, BootstrapState, BootstrapStep, BootstrapView, BootstrapWindow,
};
pub use client::{Client, ClientDetails, ClientList, Departed, Departure, ObjectEntry, SecurityMode, Status};
pub use command::{
    ClientConfig, Command, CommandAnswer, CommandList, CommandQuery, CommandState, CommandView,
    CommandWindow, Content, Queue,
};
pub use credential::{
    Credential, CredentialAdded, CredentialImport, CredentialList, CredentialMode, CredentialServer,
    CredentialState, IssuedSecret, NewCredential, RefusedEntry,
};
pub use error::{ApiError, Details};
pub use events::{EventList, NumberedEvent};
pub use frame::{
    ClientFrame, DeviceSnapshot, Event, FleetWindow, FrameError, PROTOCOL, Reported, ServerFrame, Source,
    Topic, decode, encode,
};
pub use hex::{hex_decode, hex_encode};
pub use history::{HistoryBucket, HistoryBuckets, HistoryPage, HistoryRow, Retention, UnreadableDay};
pub use label::Label;
pub use objects::{
    FoundResource, ObjectDefinition, ObjectList, ObjectSummary, ResourceDefinition, UploadedObject,
    UploadedObjects,
};
pub use observation::{AttributeInForce, Observation, ObservationEntry, ObservationList, ObservationState};
pub use operation::{
    Attributes, Cancellation, DecodedValue, DiscoveredNode, NamedValue, Operation, OperationRequest,
    OperationResponse, ValueContent, Wait, WriteMode,
};
pub use query::{ClientQuery, FleetView, SortBy, StatusFilter};
pub use secret::SecretText;
pub use security::{
    Authorities, CertificateView, FailedHandshake, FailedHandshakes, IssuedCertificate, NewAuthority,
    NewBelievedAuthority, NewCertificate, PublicKeyView, ServerSecurity,
};
pub use server::{Counts, LimitUse, ServerStatus, StorageState, StorageStatus};
pub use simulated::{SimulateDevices, SimulatedDevices};
pub use trace::{Direction, Trace, TraceRecord};
