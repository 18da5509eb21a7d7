use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind};

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
enum Command {
    /// Serve devices and browsers (also without this word)
    Serve(Options),
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

    /// Directory for everything that is kept; made if missing
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,

    /// Print the chosen addresses as one JSON object on the first line of standard output
    #[arg(long)]
    pub(crate) print_addresses: bool,
}

impl Options {
    /// Ends the process with an explanation when the command line makes no sense.
    pub(crate) fn from_command_line() -> Self {
        let CommandLine { command, options } = CommandLine::parse();
        let options = match command {
            Some(Command::Serve(options)) => options,
            Some(Command::Licences) => {
                print!("{}", crate::licences::TEXT);
                std::process::exit(0);
            }
            None => options,
        };
        if let Err(why) = options.check() {
            CommandLine::command().error(ErrorKind::ValueValidation, why).exit();
        }
        options
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
            Some(Command::Licences) => panic!("not asked for"),
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
    fn only_loopback_serves_the_console() {
        assert!(parse(&["--http", "[::1]:0"]).check().is_ok());
        let why = parse(&["--http", "0.0.0.0:8080"]).check().unwrap_err();
        assert!(why.contains("loopback"), "{why}");
    }
}
