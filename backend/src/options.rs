use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};

use crate::runtime::Listen;

#[derive(Parser)]
#[command(name = "lwm2m-console", version, about = "LwM2M Server with a console in the browser")]
#[command(args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve devices and browsers (also without this word)
    Serve(Options),
    /// Decode payloads: JSON lines in, JSON lines out
    ///
    /// In: {"content_format":11542,"path":"/3/0","hex":"c10964"}, or "format": link, execute_args,
    /// senml_json_paths, senml_cbor_paths in place of the number.
    /// Out: {"ok":true,"values":[{"path":"/3/0/9","type":"integer","value":100}]}, or {"ok":false,"error":...}.
    #[command(verbatim_doc_comment)]
    Decode(LinesOptions),
    /// Encode values: the way back
    ///
    /// In: {"content_format":110,"path":"/3/0","values":[{"path":"/3/0/9","type":"integer","value":100}]}
    /// Out: {"ok":true,"hex":"5b7b..."}, or {"ok":false,"error":...}.
    #[command(verbatim_doc_comment)]
    Encode(EncodeOptions),
    /// Copy everything that is kept into another directory, also while a server runs
    ///
    /// To go back to a backup, stop the server and start it with that directory, or with a copy of it.
    Backup(BackupOptions),
    /// Look whether everything that is kept is whole, also while a server runs; exit code 1 when something is not
    Check(CheckOptions),
    /// Print the licences of this program and of the object registry in it
    Licences,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Address of the console and the REST interface; port 0 picks a free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) http: SocketAddr,

    /// Address for devices without security (coap://); port 0 picks a free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5683")]
    pub(crate) coap: SocketAddr,

    /// Address for devices with security (coaps://), or "off"; by default the port after the one of --coap
    #[arg(long, value_name = "IP:PORT")]
    coaps: Option<Where>,

    /// What to be: an LwM2M Server, a Bootstrap-Server, or both
    #[arg(long, value_name = "ROLES", value_enum, value_delimiter = ',', default_value = "server,bootstrap")]
    roles: Vec<Role>,

    /// Address where devices bootstrap without security, or "off"; by default port 5783 beside --coap
    #[arg(long, value_name = "IP:PORT")]
    bootstrap_coap: Option<Where>,

    /// Address where devices bootstrap with security, or "off"; by default port 5784 beside --coap
    #[arg(long, value_name = "IP:PORT")]
    bootstrap_coaps: Option<Where>,

    /// Directory for everything that is kept; made if missing
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,

    /// Refuse a Register or Update with a parameter that the standard does not know (4.00), instead of keeping it
    #[arg(long)]
    pub(crate) strict: bool,

    /// Print the chosen addresses as one JSON object on the first line of standard output
    #[arg(long)]
    pub(crate) print_addresses: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BackupOptions {
    /// Directory of the server
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,

    /// Directory of the backup; made if missing, else empty
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CheckOptions {
    /// Directory of the server, or of a backup
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct LinesOptions {
    #[command(flatten)]
    pub(crate) definitions: DefinitionOptions,

    /// Print the bytes with their meanings, for people
    #[arg(long)]
    pub(crate) annotate: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct EncodeOptions {
    #[command(flatten)]
    pub(crate) definitions: DefinitionOptions,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DefinitionOptions {
    /// File with object definitions to add: an object definition file (XML), or JSON. May be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) objects: Vec<PathBuf>,
}

impl Command {
    /// Ends the process with an explanation when the command line makes no sense.
    pub(crate) fn from_command_line() -> Self {
        let CommandLine { command, options } = CommandLine::parse();
        let command = command.unwrap_or(Self::Serve(options));
        if let Self::Serve(options) = &command
            && let Err(why) = options.check()
        {
            CommandLine::command().error(ErrorKind::ValueValidation, why).exit();
        }
        command
    }
}

/// What this process is (LwM2M 1.0 TS §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    Server,
    Bootstrap,
}

/// Where the Bootstrap-Server is when nothing else is said: beside the ports of the server (RFC 7252 §12.6, §12.7).
const BOOTSTRAP_COAP: u16 = 5783;
const BOOTSTRAP_COAPS: u16 = 5784;

/// Where devices are served, if they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Off,
    At(SocketAddr),
}

impl FromStr for Where {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::At).map_err(|_| "expected IP:PORT or off".to_owned())
    }
}

impl Options {
    /// Address for devices without security. Without it nothing works, so that it counts as asked for.
    pub(crate) fn coap(&self) -> Option<Listen> {
        let listen = Listen { address: self.coap, asked: true, option: "--coap" };
        self.roles.contains(&Role::Server).then_some(listen)
    }

    /// Address for devices with security.
    pub(crate) fn coaps(&self) -> Option<Listen> {
        // As 5683 and 5684 are (RFC 7252 §12.6, §12.7). The last port has none after it, so any does.
        let port = self.coap.port();
        let next = if port == 0 { 0 } else { port.checked_add(1).unwrap_or(0) };
        self.roles.contains(&Role::Server).then(|| self.listen(self.coaps, next, "--coaps")).flatten()
    }

    /// Address where devices bootstrap without security.
    pub(crate) fn bootstrap_coap(&self) -> Option<Listen> {
        self.bootstrap(self.bootstrap_coap, BOOTSTRAP_COAP, "--bootstrap-coap")
    }

    /// Address where devices bootstrap with security.
    pub(crate) fn bootstrap_coaps(&self) -> Option<Listen> {
        self.bootstrap(self.bootstrap_coaps, BOOTSTRAP_COAPS, "--bootstrap-coaps")
    }

    fn bootstrap(&self, said: Option<Where>, port: u16, option: &'static str) -> Option<Listen> {
        let port = if self.coap.port() == 0 { 0 } else { port };
        self.roles.contains(&Role::Bootstrap).then(|| self.listen(said, port, option)).flatten()
    }

    fn listen(&self, said: Option<Where>, port: u16, option: &'static str) -> Option<Listen> {
        match said {
            Some(Where::Off) => None,
            Some(Where::At(address)) => Some(Listen { address, asked: true, option }),
            None => Some(Listen { address: SocketAddr::new(self.coap.ip(), port), asked: false, option }),
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.http.ip().is_loopback() {
            return Ok(());
        }
        Err(format!(
            "--http {}: expected a loopback address (127.0.0.1 or [::1]). The console has no accounts yet, so \
             anyone who reaches it could operate every device. To use it from another machine, forward a port: \
             ssh -L 8080:127.0.0.1:8080 HOST",
            self.http
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Options {
        let all = ["lwm2m-console"].iter().chain(arguments);
        let CommandLine { command, options } = CommandLine::try_parse_from(all).unwrap();
        match command {
            Some(Command::Serve(options)) => options,
            Some(_) => panic!("not asked for"),
            None => options,
        }
    }

    #[test]
    fn serve_may_be_left_out() {
        CommandLine::command().debug_assert();
        for arguments in [&["serve", "--coap", "127.0.0.1:0"][..], &["--coap", "127.0.0.1:0"]] {
            let options = parse(arguments);
            assert_eq!(options.coap.port(), 0);
            assert_eq!(options.http.to_string(), "127.0.0.1:8080");
        }
    }

    #[test]
    fn devices_with_security_have_the_next_port() {
        let coaps = |arguments: &[&str]| parse(arguments).coaps().map(|listen| listen.address.to_string());
        assert_eq!(coaps(&[]).as_deref(), Some("127.0.0.1:5684"));
        assert_eq!(coaps(&["--coap", "[::1]:7000"]).as_deref(), Some("[::1]:7001"));
        assert_eq!(coaps(&["--coap", "127.0.0.1:0"]).as_deref(), Some("127.0.0.1:0"));
        assert_eq!(coaps(&["--coaps", "127.0.0.1:9000"]).as_deref(), Some("127.0.0.1:9000"));
        assert_eq!(coaps(&["--coaps", "off"]), None);
    }

    #[test]
    fn a_process_is_one_of_both_servers_or_both() {
        let addresses = |arguments: &[&str]| {
            let options = parse(arguments);
            let all = [options.coap(), options.coaps(), options.bootstrap_coap(), options.bootstrap_coaps()];
            all.map(|listen| listen.map(|listen| (listen.address.port(), listen.asked)))
        };
        let both = [Some((5683, true)), Some((5684, false)), Some((5783, false)), Some((5784, false))];
        assert_eq!(addresses(&[]), both);
        assert_eq!(addresses(&["--roles", "server"]), [both[0], both[1], None, None]);
        assert_eq!(addresses(&["--roles", "bootstrap"]), [None, None, both[2], both[3]]);
        let free = ["--coap", "127.0.0.1:0", "--bootstrap-coap", "127.0.0.1:7", "--bootstrap-coaps", "off"];
        assert_eq!(addresses(&free), [Some((0, true)), Some((0, false)), Some((7, true)), None]);
        assert!(CommandLine::try_parse_from(["lwm2m-console", "--roles", "client"]).is_err());
    }

    #[test]
    fn only_loopback_serves_the_console() {
        assert!(parse(&["--http", "[::1]:0"]).check().is_ok());
        let why = parse(&["--http", "0.0.0.0:8080"]).check().unwrap_err();
        assert!(why.contains("loopback"), "{why}");
    }
}
