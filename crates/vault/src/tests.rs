//! Properties that hold for all bytes, and the normal forms by example.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::*;

fn random(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn vault(seed: u64) -> Vault {
    Vault::new(&MasterKey::generate(&mut random(seed)))
}

fn place(contact: u8, category: u8, record: u8) -> Place {
    Place { contact: [contact; 16], category, record: [record; 16] }
}

fn any_place() -> impl Strategy<Value = Place> {
    (any::<[u8; 16]>(), any::<u8>(), any::<[u8; 16]>())
        .prop_map(|(contact, category, record)| Place { contact, category, record })
}

proptest! {
    #[test]
    fn what_is_sealed_opens_in_its_place(at in any_place(), plain: Vec<u8>, seed: u64) {
        let key = ContactKey::generate(&mut random(seed));
        let sealed = seal(&key, at, &plain, &mut random(!seed)).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + 29);
        let opened = open(&key, at, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plain.as_slice());
    }

    #[test]
    fn a_flipped_bit_keeps_it_shut(at in any_place(), plain: Vec<u8>, bit: prop::sample::Index) {
        let key = ContactKey::generate(&mut random(1));
        let mut sealed = seal(&key, at, &plain, &mut random(2)).unwrap();
        let bit = bit.index(sealed.len() * 8);
        sealed[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(open(&key, at, &sealed).unwrap_err(), NotSealedHere);
    }

    #[test]
    fn moved_to_another_place_it_stays_shut(from in any_place(), to in any_place()) {
        prop_assume!(from != to);
        let key = ContactKey::generate(&mut random(1));
        let sealed = seal(&key, from, b"+49 171 1234567", &mut random(2)).unwrap();
        prop_assert!(open(&key, to, &sealed).is_err());
    }

    #[test]
    fn hostile_bytes_open_nothing(bytes: Vec<u8>, text: String) {
        let key = ContactKey::generate(&mut random(1));
        let vault = vault(1);
        prop_assert!(open(&key, place(1, 2, 3), &bytes).is_err());
        prop_assert!(vault.unwrap(&[1; 16], &bytes).is_err());
        prop_assert!(vault.read_cursor(b"list", &text).is_none());
        prop_assert!(MasterKey::parse(&text).is_err());
        prop_assert!(Token::parse(&text).is_err());
        prop_assert!(text.parse::<PublicKey>().is_err());
    }

    #[test]
    fn text_gives_the_bytes_back(bytes: Vec<u8>) {
        let text = encode(&bytes);
        prop_assert_eq!(decode(&text.to_lowercase()), Some(bytes.clone()));
        prop_assert_eq!(decode(&text), Some(bytes));
    }

    #[test]
    fn normal_forms_are_stable(text: String) {
        for word in words(&text) {
            prop_assert_eq!(words(&word), vec![word.clone()]);
        }
        if let Some(normal) = email(&text) {
            prop_assert_eq!(email(&normal), Some(normal.clone()));
        }
        if let Some(normal) = phone(&text) {
            prop_assert_eq!(phone(&normal), Some(normal.clone()));
        }
    }

    #[test]
    fn numbers_are_stable(text in "[ +()0-9/-]{0,20}") {
        if let Some(normal) = phone(&text) {
            prop_assert_eq!(phone(&normal), Some(normal.clone()));
        }
    }

    #[test]
    fn a_name_is_found_by_the_start_of_its_words(name in "[A-Za-zÀ-ÖØ-öø-ž]{3,12}( [A-Za-zÀ-ÖØ-öø-ž]{3,12}){0,3}", cut in 3usize..14) {
        let vault = vault(1);
        let stored = vault.lookup().stored(Form::Words, "name", &name);
        for word in name.split(' ') {
            let start: String = word.chars().take(cut).collect();
            let asked = vault.lookup().asked(Form::Words, "name", &start);
            prop_assert!(!asked.is_empty());
            prop_assert!(asked.iter().all(|hash| stored.contains(hash)), "{} in {}", start, name);
        }
    }
}

#[test]
fn another_contacts_key_does_not_open() {
    let mut random = random(1);
    let (ours, theirs) = (ContactKey::generate(&mut random), ContactKey::generate(&mut random));
    let sealed = seal(&ours, place(1, 2, 3), b"Anna", &mut random).unwrap();
    assert_eq!(open(&theirs, place(1, 2, 3), &sealed).unwrap_err(), NotSealedHere);
}

#[test]
fn the_same_value_is_sealed_differently_each_time() {
    let mut random = random(1);
    let key = ContactKey::generate(&mut random);
    let first = seal(&key, place(1, 2, 3), b"Anna", &mut random).unwrap();
    assert_ne!(first, seal(&key, place(1, 2, 3), b"Anna", &mut random).unwrap());
}

#[test]
fn sealing_is_aes_gcm_as_published() {
    // Test case 14 of McGrew and Viega, "The Galois/Counter Mode of Operation".
    let sealed = crate::seal::seal_at(&[0; 32], [0; 12], &[], &[0; 16]).unwrap();
    let halves = [13, 29].map(|at| u128::from_be_bytes(sealed[at..at + 16].try_into().unwrap()));
    assert_eq!(
        halves,
        [0xcea7_403d_4d60_6b6e_074e_c5d3_baf3_9d18, 0xd0d1_c8a7_9999_6bf0_265b_98b5_d48a_b919]
    );
}

#[test]
fn a_value_without_bound_is_not_sealed() {
    let key = ContactKey::generate(&mut random(1));
    let huge = vec![0u8; MAX_SEALED + 1];
    assert_eq!(seal(&key, place(1, 2, 3), &huge, &mut random(2)), Err(NotSealed));
}

#[test]
fn a_wrapped_key_unwraps_for_its_contact_under_its_master_key_only() {
    let vault = vault(1);
    let key = ContactKey::generate(&mut random(2));
    let mut wrapped = vault.wrap(&[7; 16], &key, &mut random(3)).unwrap();
    assert_eq!(wrapped.len(), 65);
    let sealed = seal(&key, place(7, 2, 3), b"Anna", &mut random(4)).unwrap();
    let again = vault.unwrap(&[7; 16], &wrapped).unwrap();
    assert_eq!(open(&again, place(7, 2, 3), &sealed).unwrap().as_slice(), b"Anna");
    assert_eq!(vault.unwrap(&[8; 16], &wrapped).unwrap_err(), NotUnwrapped::Damaged);
    let other = self::vault(2);
    assert_eq!(other.unwrap(&[7; 16], &wrapped).unwrap_err(), NotUnwrapped::OtherMaster);
    wrapped[20] ^= 1;
    assert_eq!(vault.unwrap(&[7; 16], &wrapped).unwrap_err(), NotUnwrapped::Damaged);
}

#[test]
fn keys_and_tokens_come_back_from_their_text_and_notice_a_typing_error() {
    let master = MasterKey::generate(&mut random(1));
    let text = master.text();
    assert!(text.starts_with("gantry-master-"));
    let again = MasterKey::parse(&format!(" {}\n", text.as_str())).unwrap();
    assert_eq!(Vault::new(&again).public_key(), Vault::new(&master).public_key());
    let mistyped = text.replacen(|c: char| c.is_ascii_digit(), "Z", 1);
    let error = MasterKey::parse(&mistyped).unwrap_err().to_string();
    assert!(error.starts_with("not a master key: its check letters do not fit"), "{error}");

    let token = Token::generate(&mut random(2));
    let again = Token::parse(&token.text()).unwrap();
    assert_eq!(again.hash(), token.hash());
    assert!(Token::parse(&text).is_err());
}

#[test]
fn secrets_do_not_print() {
    let key = ContactKey::generate(&mut random(1));
    let master = MasterKey::generate(&mut random(1));
    let token = Token::generate(&mut random(1));
    let printed = format!("{key:?} {master:?} {token:?} {:?}", vault(1));
    assert_eq!(printed, "ContactKey(..) MasterKey(..) Token(..) Vault(..)");
}

#[test]
fn an_alias_is_stable_and_differs_by_purpose_and_kind() {
    let vault = vault(1);
    let id = [9; 16];
    let alias = vault.contact_alias(3, &id);
    assert_eq!(alias, vault.contact_alias(3, &id));
    assert_ne!(alias, vault.contact_alias(4, &id));
    assert_ne!(alias, vault.contact_alias(3, &[8; 16]));
    assert_ne!(alias, self::vault(2).contact_alias(3, &id));
    assert_ne!(vault.object_alias(3, 1, &id), vault.object_alias(3, 2, &id));
    assert_ne!(vault.object_alias(3, 1, &id).bytes(), alias.bytes());
    let text = alias.to_string();
    assert!(text.starts_with("P-") && text.len() == 18, "{text}");
}

#[test]
fn an_address_is_suppressed_however_it_is_written() {
    let vault = vault(1);
    let hash = vault.suppression(Address::Email("anna.hart@example.com"));
    assert!(hash.is_some());
    assert_eq!(hash, vault.suppression(Address::Email("  Anna.Hart@EXAMPLE.com ")));
    assert_ne!(hash, vault.suppression(Address::Email("anna.hard@example.com")));
    let number = vault.suppression(Address::Phone("+49 171 123"));
    assert_eq!(number, vault.suppression(Address::Phone("0049171123")));
    assert_eq!(vault.suppression(Address::Phone("none")), None);
}

#[test]
fn a_cursor_is_good_for_its_list_only() {
    let vault = vault(1);
    let cursor = vault.cursor(b"actor 1, marketing", b"position").unwrap();
    assert_eq!(
        vault.read_cursor(b"actor 1, marketing", &cursor).as_deref(),
        Some(&b"position"[..])
    );
    assert_eq!(vault.read_cursor(b"actor 2, marketing", &cursor), None);
    assert_eq!(self::vault(2).read_cursor(b"actor 1, marketing", &cursor), None);
}

#[test]
fn a_signature_holds_for_its_message_its_subject_and_its_key() {
    let vault = vault(1);
    let public: PublicKey = vault.public_key().to_string().parse().unwrap();
    assert_eq!(public.id(), vault.public_key().id());
    let signature = vault.sign("checkpoint", b"17");
    assert!(public.verify("checkpoint", b"17", &signature));
    assert!(!public.verify("checkpoint", b"18", &signature));
    assert!(!public.verify("receipt", b"17", &signature));
    assert!(!self::vault(2).public_key().verify("checkpoint", b"17", &signature));
}

#[test]
fn a_links_hash_depends_on_all_of_it() {
    let hash = link_hash(&NO_LINK, 1, 2, 3, b"body");
    assert_eq!(hash, link_hash(&NO_LINK, 1, 2, 3, b"body"));
    assert_ne!(hash, link_hash(&[1; 32], 1, 2, 3, b"body"));
    assert_ne!(hash, link_hash(&NO_LINK, 2, 2, 3, b"body"));
    assert_ne!(hash, link_hash(&NO_LINK, 1, 3, 3, b"body"));
    assert_ne!(hash, link_hash(&NO_LINK, 1, 2, 4, b"body"));
    assert_ne!(hash, link_hash(&NO_LINK, 1, 2, 3, b"Body"));
}

#[test]
fn emails_are_the_same_whatever_their_case_and_spacing() {
    assert_eq!(email(" Anna.Hart@Example.COM\n").as_deref(), Some("anna.hart@example.com"));
    assert_eq!(email("JO\u{308}RG@example.com"), email("j\u{f6}rg@example.com"));
    assert_eq!(email("nobody"), None);
    assert_eq!(email("@example.com"), None);
    assert_eq!(email("anna@"), None);
    assert_eq!(email(&format!("{}@example.com", "a".repeat(400))), None);
}

#[test]
fn phones_are_digits_with_a_plus_where_they_are_international() {
    assert_eq!(phone("+49 (0) 171 / 123-45").as_deref(), Some("+4917112345"));
    assert_eq!(phone("0049 171 12345").as_deref(), Some("+4917112345"));
    assert_eq!(phone("(5) 555-4729").as_deref(), Some("55554729"));
    assert_eq!(phone("030-0074321").as_deref(), Some("0300074321"));
    assert_eq!(phone("+４９ 171").as_deref(), Some("+49171"));
    assert_eq!(phone("n/a"), None);
    assert_eq!(phone("+"), None);
}

#[test]
fn words_lose_case_and_marks() {
    assert_eq!(words("José  MÜLLER-Groß"), ["jose", "muller", "gross"]);
    assert_eq!(words("Łukasz O’Brien"), ["lukasz", "o", "brien"]);
    assert_eq!(words("Søren İnci"), ["soren", "inci"]);
    assert_eq!(words("Gal·la GaĿa"), ["galla", "gala"]);
    assert_eq!(words("王小明"), ["王小明"]);
    assert_eq!(words("김민준"), ["김민준"]);
    assert_eq!(words(" ,;- "), Vec::<String>::new());
    assert_eq!(words(&"a ".repeat(100)).len(), MAX_WORDS);
}

#[test]
fn a_chinese_name_is_found_by_its_first_character() {
    let vault = vault(1);
    let stored = vault.lookup().stored(Form::Words, "name", "王小明");
    for start in ["王", "王小", "王小明"] {
        let asked = vault.lookup().asked(Form::Words, "name", start);
        assert_eq!(asked.len(), 1);
        assert!(stored.contains(&asked[0]), "{start}");
    }
    let asked = vault.lookup().asked(Form::Words, "name", "李");
    assert!(!stored.contains(&asked[0]));
}

#[test]
fn two_letters_find_a_word_of_two_letters_and_no_longer_one() {
    let vault = vault(1);
    let asked = vault.lookup().asked(Form::Words, "name", "Li");
    assert!(vault.lookup().stored(Form::Words, "name", "Bo Li").contains(&asked[0]));
    assert!(!vault.lookup().stored(Form::Words, "name", "Lindström").contains(&asked[0]));
}

#[test]
fn hashes_of_different_labels_and_forms_have_nothing_in_common() {
    let vault = vault(1);
    let lookup = vault.lookup();
    assert_ne!(lookup.hash(Form::Words, "name", "anna"), lookup.hash(Form::Words, "alias", "anna"));
    assert_ne!(lookup.hash(Form::Words, "name", "anna"), lookup.hash(Form::Exact, "name", "anna"));
    assert_ne!(lookup.hash(Form::Exact, "ab", "c"), lookup.hash(Form::Exact, "a", "bc"));
}

#[test]
fn a_check_holds_for_its_frame_where_it_is() {
    let vault = vault(1);
    let check = vault.spool_check(&[1; 20], 28, b"entry");
    assert_eq!(check, vault.spool_check(&[1; 20], 28, b"entry"));
    assert_ne!(check, vault.spool_check(&[2; 20], 28, b"entry"));
    assert_ne!(check, vault.spool_check(&[1; 20], 29, b"entry"));
    assert_ne!(check, vault.spool_check(&[1; 20], 28, b"Entry"));
}
