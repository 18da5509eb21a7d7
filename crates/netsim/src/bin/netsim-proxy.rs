//! A bad network between real processes, from the command line.

use std::{env, net::SocketAddr, ops::RangeInclusive, process::ExitCode, str::FromStr, time::Duration};

use netsim::{NetworkConditions, Proxy, ProxyConfig};

const HELP: &str = "\
netsim-proxy --listen 127.0.0.1:P --upstream 127.0.0.1:Q [options]

Passes datagrams between clients and a server, not all of them and not all in time. The server sees each client under
an address of its own. What the address to listen at has become is the first line on stdout.

  --loss 0.1              probability that a datagram is lost
  --delay-ms 5..50        time under way
  --duplicate 0.1         probability that a datagram arrives twice
  --reorder 0.1           probability that a datagram is held back, so that later ones overtake it
  --hold-back-ms 1..200   how much longer it takes then
  --rebind-every 60       seconds after which the server sees every client under another port
  --seed 1                decides which datagrams are hit
  --pcap FILE             what has passed, for Wireshark
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let started = parse(&arguments)
        .and_then(|config| Proxy::start(config).map_err(|error| format!("cannot start: {error}")));
    match started {
        Ok(proxy) => {
            println!("{}", proxy.address());
            proxy.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}\n\n{HELP}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Result<ProxyConfig, String> {
    let (mut listen, mut upstream) = (None, None);
    let mut conditions = NetworkConditions { hold_back_ms: 1..=200, ..NetworkConditions::perfect(0) };
    let (mut rebind_every, mut seed, mut pcap) = (None, 0, None);
    let mut arguments = arguments.iter();
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{option} takes a value"))?;
        match option.as_str() {
            "--listen" => listen = Some(address(option, value)?),
            "--upstream" => upstream = Some(address(option, value)?),
            "--loss" => conditions.loss = probability(option, value)?,
            "--delay-ms" => conditions.delay_ms = range(option, value)?,
            "--duplicate" => conditions.duplicate = probability(option, value)?,
            "--reorder" => conditions.reorder = probability(option, value)?,
            "--hold-back-ms" => conditions.hold_back_ms = range(option, value)?,
            "--rebind-every" => rebind_every = Some(period(option, value)?),
            "--seed" => seed = read(option, value, "a number")?,
            "--pcap" => pcap = Some(value.into()),
            unknown => return Err(format!("there is no option {unknown}")),
        }
    }
    Ok(ProxyConfig {
        listen: listen.ok_or("--listen is needed")?,
        upstream: upstream.ok_or("--upstream is needed")?,
        conditions,
        rebind_every,
        seed,
        pcap,
    })
}

fn read<T: FromStr>(option: &str, value: &str, expected: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{option}: {expected} expected, got `{value}`"))
}

fn address(option: &str, value: &str) -> Result<SocketAddr, String> {
    read(option, value, "an address like 127.0.0.1:5683")
}

fn probability(option: &str, value: &str) -> Result<f64, String> {
    const EXPECTED: &str = "a number from 0 to 1";
    let number: f64 = read(option, value, EXPECTED)?;
    if (0.0..=1.0).contains(&number) {
        Ok(number)
    } else {
        Err(format!("{option}: {EXPECTED} expected, got `{value}`"))
    }
}

/// `5..50`, or `20` alone.
fn range(option: &str, value: &str) -> Result<RangeInclusive<u64>, String> {
    const EXPECTED: &str = "milliseconds like 5..50";
    let (start, end) = value.split_once("..").unwrap_or((value, value));
    let (start, end) = (read(option, start, EXPECTED)?, read(option, end, EXPECTED)?);
    if start <= end { Ok(start..=end) } else { Err(format!("{option}: {EXPECTED} expected, got `{value}`")) }
}

fn period(option: &str, value: &str) -> Result<Duration, String> {
    const EXPECTED: &str = "seconds above 0";
    let seconds: f64 = read(option, value, EXPECTED)?;
    let period = Duration::try_from_secs_f64(seconds).ok().filter(|period| !period.is_zero());
    period.ok_or_else(|| format!("{option}: {EXPECTED} expected, got `{value}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(line: &str) -> Result<ProxyConfig, String> {
        parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn all_options() {
        let config = config(
            "--listen 127.0.0.1:1 --upstream 127.0.0.1:2 --loss 0.1 --delay-ms 5..50 --duplicate 0.2 \
             --reorder 0.3 --hold-back-ms 7 --rebind-every 1.5 --seed 9 --pcap a.pcap",
        )
        .unwrap();
        assert_eq!((config.listen.port(), config.upstream.port(), config.seed), (1, 2, 9));
        let expected = NetworkConditions {
            loss: 0.1,
            delay_ms: 5..=50,
            duplicate: 0.2,
            reorder: 0.3,
            hold_back_ms: 7..=7,
            ..NetworkConditions::default()
        };
        assert_eq!(config.conditions, expected);
        assert_eq!(config.rebind_every, Some(Duration::from_millis(1_500)));
        assert_eq!(config.pcap, Some("a.pcap".into()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, said) in [
            ("--upstream 127.0.0.1:2", "--listen is needed"),
            ("--listen here", "--listen: an address like 127.0.0.1:5683 expected, got `here`"),
            ("--loss 2", "--loss: a number from 0 to 1 expected, got `2`"),
            ("--delay-ms 9..5", "--delay-ms: milliseconds like 5..50 expected, got `9..5`"),
            ("--rebind-every 0", "--rebind-every: seconds above 0 expected, got `0`"),
            ("--los 1", "there is no option --los"),
            ("--seed", "--seed takes a value"),
        ] {
            assert_eq!(config(line).unwrap_err(), said);
        }
    }
}
