//! Mail over SMTP to a small server on this machine, and mail that is caught.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use gantry_post::{Address, MAX_CAUGHT, Mail, Post, PostError};
use mailparse::{MailHeaderMap, parse_mail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a client said in one session: its commands, and the mail.
#[derive(Debug, Default)]
struct Heard {
    commands: Vec<String>,
    data: Vec<u8>,
}

/// A server that takes every mail, or answers what it is told to `RCPT`; the address to reach it by,
/// and what it hears.
async fn server(rcpt: &'static str) -> (String, UnboundedReceiver<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("smtp://{}", listener.local_addr().unwrap());
    let (tell, heard) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(session(stream, rcpt, tell.clone()));
        }
    });
    (at, heard)
}

async fn session(stream: TcpStream, rcpt: &'static str, tell: UnboundedSender<Heard>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let (mut heard, mut line) = (Heard::default(), Vec::new());
    write.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let command = String::from_utf8_lossy(&line).trim_end().to_owned();
        heard.commands.push(command.clone());
        let word = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
            "AUTH" => "235 2.7.0 welcome\r\n",
            "RCPT" => rcpt,
            "DATA" => "354 go on\r\n",
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await.unwrap();
        if word == "DATA" {
            loop {
                line.clear();
                lines.read_until(b'\n', &mut line).await.unwrap();
                if line == b".\r\n" {
                    break;
                }
                heard.data.extend_from_slice(&line);
            }
            write.write_all(b"250 2.0.0 queued\r\n").await.unwrap();
            let _ = tell.send(std::mem::take(&mut heard));
        }
    }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn house() -> Address {
    address("privacy@house.example")
}

fn mail(to: &str, subject: &str) -> Mail {
    let text = "Hyvää päivää,\n\n.\nhttps://house.example/me/enter/abc\n".to_owned();
    Mail { to: address(to), subject: subject.to_owned(), text }
}

const TAKEN: &str = "250 2.1.5 ok\r\n";

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let (at, mut heard) = server(TAKEN).await;
    let post = Post::smtp(&at, house()).unwrap();
    post.send(&mail("aino@harbour.example", "您的链接 – linkkisi")).await.unwrap();
    let Heard { commands, data } = heard.recv().await.unwrap();
    assert!(commands.iter().any(|line| line.starts_with("MAIL FROM:<privacy@house.example>")));
    let to: Vec<_> = commands.iter().filter(|line| line.starts_with("RCPT")).collect();
    assert_eq!(to, ["RCPT TO:<aino@harbour.example>"]);
    let mail = parse_mail(&data).unwrap();
    let header = |name| mail.headers.get_first_value(name).unwrap_or_default();
    assert_eq!(header("Subject"), "您的链接 – linkkisi");
    assert_eq!(header("To"), "aino@harbour.example");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(!header("Date").is_empty());
    let text = mail.get_body().unwrap().replace("\r\n", "\n");
    // A line of one dot is doubled on its way (RFC 5321, section 4.5.2).
    let text = text.replace("\n..\n", "\n.\n");
    assert_eq!(text.trim_end(), "Hyvää päivää,\n\n.\nhttps://house.example/me/enter/abc");
}

#[tokio::test]
async fn user_and_password_are_given_to_the_server() {
    let (at, mut heard) = server(TAKEN).await;
    let at = at.replace("smtp://", "smtp://post:s%C3%A4kert@");
    let post = Post::smtp(&at, house()).unwrap();
    post.send(&mail("aino@harbour.example", "x")).await.unwrap();
    let commands = heard.recv().await.unwrap().commands;
    assert!(commands.iter().any(|line| line.starts_with("AUTH PLAIN ")), "{commands:?}");
    assert_eq!(format!("{post:?}"), "Smtp(Smtp(..))");
}

#[tokio::test]
async fn what_a_server_refuses_is_told_by_its_code_and_names_nobody() {
    let (at, _heard) = server("550 5.1.1 <aino@harbour.example> unknown\r\n").await;
    let post = Post::smtp(&at, house()).unwrap();
    let error = post.send(&mail("aino@harbour.example", "x")).await.unwrap_err();
    assert_eq!(error, PostError::Refused(550));
    assert!(!error.to_string().contains("aino"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    let sent = Post::smtp(&at, house()).unwrap().send(&mail("a@harbour.example", "x")).await;
    assert_eq!(sent, Err(PostError::Unreachable));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_not_waited_for_long() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("smtp://{}", listener.local_addr().unwrap());
    let sent = Post::smtp(&at, house()).unwrap().send(&mail("a@harbour.example", "x")).await;
    assert_eq!(sent, Err(PostError::Timeout));
}

#[test]
fn no_address_carries_more_than_one_recipient() {
    let hostile = [
        "",
        "aino",
        "aino@",
        "@harbour.example",
        "aino@harbour.example\r\nBcc: all@harbour.example",
        "aino@harbour.example\nBcc:all@harbour.example",
        "aino@harbour.example, eetu@harbour.example",
        "aino@harbour.example;eetu@harbour.example",
        "Aino <aino@harbour.example>",
        "aino@harbour.example>",
        "\"a b\"@harbour.example",
        "\"a\r\nRCPT TO:<x@y.example>\"@harbour.example",
        "aino(x)@harbour.example",
        "aino@[127.0.0.1]",
        "aino@harbour.example\0",
        "aino@harbour.example\u{2028}Bcc: x@y.example",
        "aino\u{a0}@harbour.example",
        "aino@har bour.example",
    ];
    for text in hostile {
        assert_eq!(text.parse::<Address>(), Err(PostError::Address), "{text:?}");
    }
    let long = format!("{}@harbour.example", "a".repeat(300));
    assert_eq!(long.parse::<Address>(), Err(PostError::Address));
    for good in ["aino.virtanen@harbour.example", " aino+x@harbour.example ", "o'neil@x.example"] {
        assert_eq!(address(good).to_string(), good.trim());
    }
    assert_eq!(format!("{:?}", house()), "Address(..)");
}

#[tokio::test]
async fn no_subject_carries_a_header() {
    let post = Post::catching(house());
    let hostile = [
        "Your link\r\nBcc: all@harbour.example",
        "Your link\nX: y",
        "Your link\rX: y",
        "Your link\u{0}",
        "Your link\u{2028}X: y",
        "Your link\u{85}X: y",
        "",
        "   ",
    ];
    for subject in hostile {
        let sent = post.send(&mail("aino@harbour.example", subject)).await;
        assert_eq!(sent, Err(PostError::Subject), "{subject:?}");
    }
    let long = "x".repeat(201);
    assert_eq!(post.send(&mail("a@b.example", &long)).await, Err(PostError::Subject));
    assert_eq!(post.caught(), Some(Vec::new()));
}

#[tokio::test]
async fn the_newest_mails_are_caught_and_the_oldest_go() {
    let post = Post::catching(house());
    for number in 0..=MAX_CAUGHT {
        post.send(&mail("aino@harbour.example", &format!("mail {number}"))).await.unwrap();
    }
    let caught = post.caught().unwrap();
    assert_eq!(caught.len(), MAX_CAUGHT);
    assert_eq!(caught[0].subject, format!("mail {MAX_CAUGHT}"));
    assert_eq!(caught[MAX_CAUGHT - 1].subject, "mail 1");
    assert_eq!(format!("{:?}", caught[0]), "Mail(..)");
}

#[tokio::test]
async fn without_a_way_nothing_is_sent() {
    assert_eq!(Post::None.send(&mail("a@b.example", "x")).await, Err(PostError::NoPost));
    assert_eq!(Post::None.caught(), None);
    assert!(!Post::None.is_there());
}
