//! A flood of damaged messages leaves the server serving, and no larger.
//!
//! `LWM2M_HOSTILE_DATAGRAMS` says how many there are, `LWM2M_HOSTILE_SEED` which ones.

use std::{env, time::SystemTime};

use anyhow::{Result, ensure};
use coap::{Block, Code, Message, MessageType, Options, Token};
use console_api::{Operation, OperationRequest, ValueContent};
use whole_program_tests::{RawPeer, TestContext};

const DATAGRAMS: u64 = 100_000;

/// Addresses that the flood comes from.
const STRANGERS: usize = 16;

/// Datagrams between two signs of life, fewer than the server's socket holds.
const BURST: u64 = 256;

/// What the server may have grown by since a quarter of the flood was over: the tables for peers, open blocks and
/// registrations are full by then.
const GROWTH_BYTES: u64 = 24 << 20;

#[tokio::test]
async fn mutated_messages_leave_the_server_serving_and_its_memory_flat() -> Result<()> {
    let datagrams = number("LWM2M_HOSTILE_DATAGRAMS")?.unwrap_or(DATAGRAMS);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let seed = number("LWM2M_HOSTILE_SEED")?.unwrap_or_else(|| u64::from(now.subsec_nanos()));
    println!("LWM2M_HOSTILE_SEED={seed} LWM2M_HOSTILE_DATAGRAMS={datagrams}");
    let mut random = Random(seed);

    let context = TestContext::start().await?;
    let mut device = context.peer().await?;
    let location = device.register("lamp", 3600, "</1/0>,</3/0>,</3303/0>").await?;
    let observation = observed(&context, &device).await?;
    let mut strangers = Vec::new();
    for _ in 0..STRANGERS {
        strangers.push(context.peer().await?);
    }
    let messages = messages(&mut device, &observation)?;
    let mut settled = 0;
    for sent in 0..datagrams {
        let stranger = &strangers[random.below(STRANGERS)];
        stranger.send_bytes(&mutated(&messages, &mut random)).await?;
        if sent % BURST == 0 {
            alive(&device, sent).await?;
        }
        if sent == datagrams / 4 {
            settled = context.server.resident_bytes()?;
        }
    }
    served(&context, &mut device, &location, &observation).await?;
    let grown = context.server.resident_bytes()?.saturating_sub(settled);
    println!("settled at {} KiB, grown by {} KiB", settled >> 10, grown >> 10);
    ensure!(grown < GROWTH_BYTES, "seed {seed}: grown by {grown} bytes since {settled}");
    Ok(())
}

fn number(variable: &str) -> Result<Option<u64>> {
    Ok(env::var(variable).ok().map(|text| text.parse()).transpose()?)
}

async fn observed(context: &TestContext, device: &RawPeer) -> Result<Message> {
    let observe = OperationRequest::new(Operation::Observe, "/3303/0/5700");
    let (_, request) = tokio::try_join!(context.operate("lamp", &observe), async {
        let request = device.receive_request(Code::GET, "/3303/0/5700").await?;
        let options = Options::new().with_observe(1).with_content_format(0);
        device.answer(&request, Code::CONTENT, options, b"21").await?;
        Ok(request)
    })?;
    Ok(request)
}

/// RFC 7252 §4.3: an Empty message is answered, and so it is known that what came before it was taken.
async fn alive(device: &RawPeer, sent: u64) -> Result<()> {
    let [.., high, low] = sent.to_be_bytes();
    device.send_bytes(&[0x40, 0, high, low]).await?;
    let answer = device.receive_bytes().await?;
    ensure!(answer == [0x70, 0, high, low], "after {sent} datagrams: {answer:02x?}");
    Ok(())
}

/// The device of before is registered, read, notifies and updates as if nothing had been.
async fn served(
    context: &TestContext,
    device: &mut RawPeer,
    location: &str,
    observation: &Message,
) -> Result<()> {
    let read = OperationRequest::new(Operation::Read, "/3/0/9");
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
        let request = device.receive_request(Code::GET, "/3/0/9").await?;
        device.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"87").await
    })?;
    ensure!(answer.values[0].value == ValueContent::Integer(87), "{answer:?}");
    let options = Options::new().with_observe(2).with_content_format(0);
    let notification = device.notify(observation, true, options, b"22").await?;
    device.expect_empty(MessageType::Acknowledgement, &notification).await?;
    let update = device.exchange(Code::POST, Options::new().with_path(location), b"").await?;
    ensure!(update.code == Code::CHANGED, "{update:?}");
    Ok(())
}

/// One of each kind that a device sends. Registrations last a second, so that those that are still valid after a
/// mutation go away again.
fn messages(device: &mut RawPeer, observation: &Message) -> Result<Vec<Vec<u8>>> {
    let register = Options::new().with_path("/rd").with_content_format(40).with_query("ep=stranger");
    let register = register.with_query("lt=1").with_query("lwm2m=1.1").with_query("b=U");
    let links =
        b"</>;rt=\"oma.lwm2m\";ct=\"110 112 11542\",</1/0>,</3/0>,</3303>;ver=1.1,</3303/0>".as_slice();
    let block = |num, more| Block { num, more, szx: 1 };
    let dp = |format| Options::new().with_path("/dp").with_content_format(format);
    let senml =
        br#"[{"bn":"/3303/0/","bt":1700000000,"n":"5700","v":21.5},{"n":"5701","vs":"Cel"}]"#.as_slice();
    let cbor = [0x81, 0xa2, 0x00, 0x67, b'/', b'3', b'/', b'0', b'/', b'1', b'3', 0x02, 0x01].as_slice();
    let location = Options::new().with_path("/rd/0123456789abcdef0123");
    let tlv = [0xe4, 0x16, 0x44, 0x41, 0xab, 0x33, 0x33].as_slice();
    let notified = || Options::new().with_observe(7).with_content_format(11542);
    let mut requests = vec![
        device.confirmable(Code::POST, register.clone(), links),
        device.confirmable(Code::POST, register.clone().with_block1(block(0, true)), &links[..32]),
        device.confirmable(Code::POST, register.with_block1(block(1, false)), &links[32..64]),
        device.confirmable(Code::POST, location.clone().with_query("lt=1"), b""),
        device.confirmable(Code::DELETE, location, b""),
        device.confirmable(Code::POST, dp(110), senml),
        device.confirmable(Code::POST, dp(112), cbor),
        device.confirmable(Code::POST, dp(110).with_block1(block(0, true)), &senml[..32]),
        device.confirmable(Code::POST, dp(110).with_block1(block(1, false)), &senml[32..64]),
        device.confirmable(Code::GET, Options::new().with_path("/.well-known/core"), b""),
        device.confirmable(Code::CONTENT, notified(), tlv),
        device.confirmable(Code::CONTENT, notified().with_block2(block(0, true)), &[0x41; 32]),
    ];
    for notification in &mut requests[10..] {
        notification.token = observation.token;
    }
    let mut answer = requests[10].clone();
    answer.message_type = MessageType::Acknowledgement;
    answer.message_id = observation.message_id;
    let mut unasked = answer.clone();
    unasked.token = Token::EMPTY;
    let ping = Message::empty(MessageType::Confirmable, observation.message_id);
    let reset = Message::empty(MessageType::Reset, observation.message_id);
    requests.extend([answer, unasked, ping, reset]);
    requests.iter().map(|message| Ok(message.encode()?)).collect()
}

/// A message with up to eight things done to it.
fn mutated(messages: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut datagram = messages[random.below(messages.len())].clone();
    // Otherwise most would be duplicates of the first.
    for byte in datagram.iter_mut().skip(2).take(2) {
        *byte = random.byte();
    }
    for _ in 0..random.below(9) {
        let at = random.below(datagram.len() + 1);
        match random.below(6) {
            0 => datagram.truncate(at),
            1 => datagram.insert(at, random.byte()),
            2 if at < datagram.len() => drop(datagram.remove(at)),
            3 if at < datagram.len() => datagram[at] = random.byte(),
            4 => {
                let other = &messages[random.below(messages.len())];
                datagram.truncate(at);
                datagram.extend_from_slice(&other[random.below(other.len())..]);
            }
            _ if at < datagram.len() => datagram[at] ^= 1 << random.below(8),
            _ => datagram.extend(std::iter::repeat_n(random.byte(), at)),
        }
    }
    datagram
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 32).unwrap_or(usize::MAX) % bound
    }
}
