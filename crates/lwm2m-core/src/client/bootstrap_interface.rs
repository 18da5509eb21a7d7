//! Answers to the commands of the Bootstrap-Server (LwM2M 1.0 TS §5.2.7, 1.1 Core §6.1.7). No access right stands in
//! their way, and their paths never have the alternate path.

use coap::{Code, Message, Options, Response};
use lwm2m_codec::{ContentFormat, Level, Path, registration::LwM2mVersion};
use lwm2m_model::access_control::Requester;

use super::{
    access_control::ACCESS_CONTROL,
    bootstrap_consistency, bootstrap_delete, bootstrap_discover, bootstrap_write,
    device_management::{queries, representation},
    event::Event,
    object_tree::ObjectTree,
    refusal::Refusal,
    security_account::SERVER,
    target::{FORBIDDEN_OBJECTS, Target, target},
};

/// Answers one command and says what it brought about.
pub(super) struct BootstrapInterface<'a> {
    pub(super) tree: &'a mut ObjectTree,
    pub(super) version: LwM2mVersion,
    /// The Security instance of the Bootstrap-Server.
    pub(super) bootstrap: Option<u16>,
    pub(super) events: Vec<Event>,
    /// Bootstrap-Finish came, and nothing is wrong with what was written.
    pub(super) finished: bool,
}

impl BootstrapInterface<'_> {
    pub(super) fn answer(&mut self, request: &Message) -> Response {
        self.dispatch(request).unwrap_or_else(Refusal::into_response)
    }

    fn dispatch(&mut self, request: &Message) -> Result<Response, Refusal> {
        let segments =
            request.options.uri_path().map_err(|error| Refusal::bad_request(format!("{error}")))?;
        if segments == ["bs"] {
            return self.finish(request);
        }
        let path = match target("/", &segments) {
            Ok(Target::Node(path)) => path,
            Ok(Target::WellKnownCore) => return Err(Refusal::not_found("/.well-known/core")),
            // LwM2M 1.1 Transport, Response Codes: this interface has 4.00 for a path that leads nowhere.
            Err(refusal) => return Err(Refusal::bad_request(refusal.diagnostic)),
        };
        match request.code {
            Code::GET if request.options.accept() == Some(ContentFormat::CORE_LINK.0) => self.discover(&path),
            Code::GET => self.read(&path, request),
            Code::PUT => self.write(&path, request),
            Code::DELETE => self.delete(&path),
            code => {
                let expected = "expected GET, PUT, DELETE, or POST of /bs";
                Err(Refusal::not_allowed(format!("{expected}, got {code} on {path}")))
            }
        }
    }

    fn discover(&self, path: &Path) -> Result<Response, Refusal> {
        let links = bootstrap_discover::discover(self.tree, self.version, path)?;
        let options = Options::default().with_content_format(ContentFormat::CORE_LINK.0);
        Ok(Response { code: Code::CONTENT, options, payload: links.into_bytes() })
    }

    /// LwM2M 1.1 Core §6.1.7.4: only what the Bootstrap-Server has to know of other accounts.
    fn read(&self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        let is_account = path.object_id().is_some_and(|object| object == SERVER || object == ACCESS_CONTROL);
        let is_level = matches!(path.level(), Level::Object | Level::ObjectInstance);
        if self.version < LwM2mVersion::V1_1 || !is_account || !is_level {
            let expected = "expected /1 or /2, or an instance of these, since LwM2M 1.1";
            return Err(Refusal::not_allowed(format!("{expected}, got a Bootstrap-Read of {path}")));
        }
        if !self.tree.contains(path) {
            return Err(Refusal::not_found(path));
        }
        let accept = request.options.accept().map(ContentFormat);
        let (format, payload) = representation(self.tree, self.version, Requester::Bootstrap, path, accept)?;
        let options = Options::default().with_content_format(format.0);
        Ok(Response { code: Code::CONTENT, options, payload })
    }

    fn write(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        let written = bootstrap_write::write(self.tree, self.version, path, request)?;
        let told = written.into_iter().filter(|record| !is_secret(&record.path));
        self.events.extend(told.map(|record| Event::Written { path: record.path, value: record.value }));
        Ok(done(Code::CHANGED))
    }

    fn delete(&mut self, path: &Path) -> Result<Response, Refusal> {
        let gone = bootstrap_delete::delete(self.tree, self.bootstrap, path)?;
        let told = gone.into_iter().filter(|path| !is_secret(path));
        self.events.extend(told.map(|path| Event::Deleted { path }));
        Ok(done(Code::DELETED))
    }

    /// LwM2M 1.1 Core §6.1.6, §6.1.7.2.
    fn finish(&mut self, request: &Message) -> Result<Response, Refusal> {
        if request.code != Code::POST {
            return Err(Refusal::not_allowed(format!("expected POST of /bs, got {}", request.code)));
        }
        if !request.payload.is_empty() || !queries(request)?.is_empty() {
            return Err(Refusal::bad_request(
                "expected nothing with Bootstrap-Finish, got a payload or query",
            ));
        }
        let checked = bootstrap_consistency::check(self.tree, self.version);
        checked.map_err(|wrong| Refusal::new(Code::NOT_ACCEPTABLE, wrong.to_string()))?;
        self.finished = true;
        Ok(done(Code::CHANGED))
    }
}

fn is_secret(path: &Path) -> bool {
    path.object_id().is_some_and(|object| FORBIDDEN_OBJECTS.contains(&object))
}

fn done(code: Code) -> Response {
    Response { code, options: Options::default(), payload: Vec::new() }
}
