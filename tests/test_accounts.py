"""Who comes in: counted guesses, one answer for all who are refused, the second factor, sessions, and who sees to accounts."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test import Client, RequestFactory
from django.urls import reverse

from archive.accounts import forms, totp
from archive.accounts.models import Guesses, RecoveryCode, SecondFactor
from archive.accounts.throttle import TooManyGuessesError, address_of, guess

PASSWORD = "seventeen badgers"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
LOGIN, SECOND, INDEX = "/admin/login/", "/admin/second-factor/", "/admin/"


@pytest.fixture
def groucho(db):
    return User.objects.create_user("groucho", "groucho@freedonia.example", PASSWORD, is_staff=True)


@pytest.fixture
def clock(monkeypatch):
    """The half minute that it is, which stands still until a test moves it."""
    now = {"step": totp.step_now()}
    monkeypatch.setattr(totp, "step_now", lambda: now["step"])
    return now


@pytest.fixture
def factor(groucho, clock):
    return SecondFactor.objects.create(user=groucho, secret=totp.new_secret(), last_step=0)


def code_of(factor, ahead=0):
    return totp.code_at(factor.secret, totp.step_now() + ahead)


def wrong_code_of(factor):
    right = {code_of(factor, ahead) for ahead in (-1, 0, 1)}
    return next(code for code in ("111111", "222222", "333333", "444444") if code not in right)


def log_in(name="groucho", password=PASSWORD, code="", address=HOME, client=None, **headers):
    typed = {"username": name, "password": password, "code": code, "next": INDEX}
    return (client or Client()).post(LOGIN, typed, REMOTE_ADDR=address, headers=headers)


def is_in(answer):
    return answer.status_code == 302 and answer.url == INDEX


def fail(times=5, **typed):
    return [log_in(**{"password": "wrong", **typed}).status_code for _ in range(times)]


def later(minutes=16):
    Guesses.objects.update(since=F("since") - timedelta(minutes=minutes))


def what_is_read(answer):
    """The page without what differs at every request, and without the name that was typed."""
    text = re.sub(r'csrfmiddlewaretoken" value="\w+"|name="username" value="\w*"', "", answer.text)
    return answer.status_code, text


# The log-in


def test_a_password_is_enough_without_a_second_factor(groucho):
    assert is_in(log_in())


REFUSED = {
    "wrong password": {"password": "wrong"},
    "unknown name": {"name": "nobody"},
    "not of the staff": {"name": "zeppo"},
    "inactive": {"name": "gummo"},
    "no code": {"name": "harpo"},
    "wrong code": {"name": "harpo", "code": "12"},
    "wrong password and right code": {"name": "harpo", "password": "wrong", "code": "right"},
}


@pytest.fixture
def family(groucho, clock):
    User.objects.create_user("zeppo", password=PASSWORD)
    User.objects.create_user("gummo", password=PASSWORD, is_staff=True, is_active=False)
    harpo = User.objects.create_user("harpo", password=PASSWORD, is_staff=True)
    return SecondFactor.objects.create(user=harpo, secret=totp.new_secret(), last_step=0)


@pytest.mark.parametrize("typed", REFUSED.values(), ids=REFUSED)
def test_whoever_is_refused_reads_the_same_and_waits_for_one_hash(family, monkeypatch, typed):
    hashes = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashes.append(1) or encode(*args))
    code = code_of(family) if typed.get("code") == "right" else typed.get("code", "")
    answer = log_in(**{**typed, "code": code})
    assert len(hashes) == 1
    assert what_is_read(answer) == what_is_read(log_in(password="quite wrong", code=code))
    assert "do not go together" in answer.text


@pytest.mark.parametrize("name", ["groucho", "nobody", "zeppo", "gummo", "harpo"])
def test_after_five_failures_a_name_waits_whether_anybody_bears_it_or_not(family, name):
    assert fail(name=name) == [200] * 5
    answer = log_in(name)
    assert answer.status_code == 429
    assert "Too many wrong attempts. Try again in 15 minutes." in answer.text
    assert 0 < int(answer["Retry-After"]) <= 900
    assert log_in(name.upper()).status_code == 429


def test_a_lock_out_stands_for_one_name_at_one_address(groucho):
    User.objects.create_user("chico", password=PASSWORD, is_staff=True)
    fail()
    assert is_in(log_in("chico"))
    assert is_in(log_in(address=ELSEWHERE))
    assert log_in().status_code == 429


def test_a_lock_out_ends_and_what_is_old_is_thrown_away(groucho):
    fail()
    later()
    fail(1, name="nobody", address=ELSEWHERE)
    assert Guesses.objects.count() == 2
    assert is_in(log_in())


def test_a_right_password_forgets_the_failures_before(groucho):
    fail(4)
    assert is_in(log_in())
    assert fail(5) == [200] * 5


def test_an_address_has_a_limit_of_its_own_which_right_passwords_do_not_use_up(groucho, monkeypatch):
    monkeypatch.setattr(forms, "MANY", 7)
    assert all(is_in(log_in()) for _ in range(9))
    assert [fail(1, name=f"nobody{number}")[0] for number in range(8)] == [200] * 7 + [429]
    assert log_in().status_code == 429
    assert is_in(log_in(address=ELSEWHERE))


def test_a_browser_that_was_let_in_before_is_not_locked_out_by_its_neighbours(groucho, monkeypatch):
    monkeypatch.setattr(forms, "MANY", 7)
    mine = Client()
    log_in(client=mine)
    fail()
    for number in range(8):
        fail(1, name=f"nobody{number}")
    assert log_in().status_code == 429
    assert is_in(log_in(client=mine))
    assert fail(6, client=mine) == [200] * 5 + [429]


def test_a_browser_is_known_for_one_name_and_by_no_other_word(groucho, family):
    mine = Client()
    log_in(client=mine)
    fail(name="harpo")
    assert log_in("harpo", client=mine).status_code == 429
    fail()
    for forged in ("", "groucho", "x" * 5_000, mine.cookies["known"].value[:-1], mine.cookies["sessionid"].value):
        other = Client()
        other.cookies["known"] = forged
        assert log_in(client=other).status_code == 429


def test_no_name_is_kept_of_whoever_failed(groucho):
    fail(1, name="my password typed here")
    assert not [row for row in Guesses.objects.values() if "typed" in str(row)]


def test_without_a_proxy_nobody_is_believed_to_be_elsewhere(groucho, settings):
    settings.BEHIND_PROXY = False
    answers = [log_in(password="wrong", x_forwarded_for=f"203.0.113.{number}").status_code for number in range(6)]
    assert answers == [200] * 5 + [429]


def test_behind_a_proxy_its_word_counts_and_not_the_readers(groucho, settings):
    settings.BEHIND_PROXY = True
    answers = [log_in(password="wrong", x_forwarded_for=f"203.0.113.{number}, {HOME}").status_code for number in range(6)]
    assert answers == [200] * 5 + [429]
    assert is_in(log_in(x_forwarded_for=f"203.0.113.0, {ELSEWHERE}"))


@pytest.mark.parametrize(
    ("seen", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_an_address_is_one_customers(seen, address):
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=seen)) == address


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_no_more_than_guesses_in_turn():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite in memory has one connection for all threads")
    gate = threading.Barrier(12)

    def try_once(_):
        gate.wait()
        try:
            with guess((("door",), 5)):
                raise ValueError
        except TooManyGuessesError:
            return "refused"
        except ValueError:
            return "looked at"
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(try_once, range(12))) == ["looked at"] * 5 + ["refused"] * 7


HOSTILE = [
    "\x00",
    "a\x00b",
    "9" * 100_000,
    "𝟙𝟚𝟛𝟜𝟝𝟞",
    "٣٣٣٣٣٣",
    "-1",
    " ",
    "' OR 1=1 --",
    "\ud800".encode("utf-8", "replace").decode(),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_typed_breaks_a_door(factor, admin_client, text):
    for typed in ({"name": text}, {"password": text}, {"code": text}):
        assert log_in(**typed).status_code == 200
    for page in (SECOND, reverse("admin:password_change"), LOGIN):
        sent = {"password": text, "code": text, "do": text, "old_password": text, "new_password1": text, "username": text}
        assert admin_client.post(page, sent).status_code == 200
    client = Client()
    client.force_login(factor.user)
    assert client.post(SECOND, {"password": text, "code": text, "do": text}).status_code == 200


# Codes


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds, code):
    assert totp.code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", seconds // 30) == code


@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_a_code_of_about_now_opens_once(factor, ahead):
    code = code_of(factor, ahead)
    assert is_in(log_in(code=f"{code[:3]} {code[3:]}"))
    assert log_in(code=code).status_code == 200


@pytest.mark.parametrize("ahead", [-2, 2])
def test_other_codes_open_nothing(factor, ahead):
    assert log_in(code=code_of(factor, ahead)).status_code == 200


def test_a_code_older_than_the_last_one_opens_nothing(factor):
    assert is_in(log_in(code=code_of(factor)))
    assert log_in(code=code_of(factor, -1)).status_code == 200


def test_a_wrong_password_uses_no_code_up(factor):
    log_in(password="wrong", code=code_of(factor))
    assert is_in(log_in(code=code_of(factor)))


def test_a_recovery_code_opens_once(factor):
    code, other, *_ = factor.renew_recovery_codes()
    assert is_in(log_in(code=code))
    assert log_in(code=code).status_code == 200
    assert is_in(log_in(code=other.replace(" ", "-")))
    assert RecoveryCode.objects.count() == 8


def test_recovery_codes_are_not_kept_as_they_are(factor):
    codes = [code.replace(" ", "") for code in factor.renew_recovery_codes()]
    assert len(set(codes)) == 10
    assert not {row["digest"] for row in RecoveryCode.objects.values()} & set(codes)


def test_codes_are_guessed_five_times_from_however_many_addresses(factor, caplog):
    for number in range(5):
        assert log_in(code=wrong_code_of(factor), address=f"203.0.113.{number}").status_code == 200
    refused = log_in(code=code_of(factor), address=ELSEWHERE)
    assert what_is_read(refused) == what_is_read(log_in(password="wrong", code=code_of(factor), address=ELSEWHERE))
    assert f"account {factor.user.pk}: somebody has its password" in caplog.text
    later()
    assert is_in(log_in(code=code_of(factor), address=ELSEWHERE))


def test_who_has_no_password_uses_up_nobodys_codes(factor):
    for number in range(9):
        log_in(password="wrong", code="111111", address=f"203.0.113.{number}")
    assert is_in(log_in(code=code_of(factor)))


# One's own second factor


@pytest.fixture
def inside(groucho):
    client = Client()
    client.force_login(groucho)
    return client


def shown_secret(client, page=SECOND):
    return re.search(r'class="secret">([A-Z2-7 ]+)<', client.get(page).text)[1].replace(" ", "")


def set_up(client, secret, page=SECOND, **typed):
    code = totp.code_at(secret, totp.step_now())
    return client.post(page, {"password": PASSWORD, "code": code, **typed})


def shown_codes(answer):
    return re.findall(r"<code>(\d{4} \d{4} \d{4} \d{4})</code>", answer.text)


def test_a_second_factor_is_set_up_and_asked_for_from_then_on(inside, clock):
    secret = shown_secret(inside)
    assert secret == shown_secret(inside)
    image = inside.get(f"{SECOND}qr.svg")
    assert image["Content-Type"] == "image/svg+xml"
    assert "no-store" in image["Cache-Control"]
    answer = set_up(inside, secret)
    codes = shown_codes(answer)
    assert len(codes) == 10
    assert codes[0] not in inside.get(SECOND).text
    assert inside.get(f"{SECOND}qr.svg").status_code == 404
    factor = SecondFactor.objects.get()
    assert factor.secret == secret
    assert log_in().status_code == 200
    assert log_in(code=code_of(factor)).status_code == 200  # it was used to set it up
    clock["step"] += 1
    assert is_in(log_in(code=code_of(factor)))
    assert is_in(log_in(code=codes[0]))
    assert "Set up a second factor." in LogEntry.objects.get().change_message


@pytest.mark.parametrize("typed", [{"password": "wrong"}, {"code": "12"}, {"code": ""}, {"password": ""}])
def test_nothing_is_set_up_without_password_and_code(inside, clock, typed):
    assert set_up(inside, shown_secret(inside), **typed).status_code == 200
    assert not SecondFactor.objects.exists()


def test_the_address_in_the_qr_code_names_archive_and_account():
    assert totp.uri("ABC", "a b/c", "[::1]:80") == "otpauth://totp/Annals:a%20b%2Fc%40%5B%3A%3A1%5D%3A80?secret=ABC&issuer=Annals"


def test_new_recovery_codes_replace_the_old(factor, inside):
    old = factor.renew_recovery_codes()
    new = shown_codes(inside.post(SECOND, {"password": PASSWORD, "code": code_of(factor), "do": "renew"}))
    assert len(new) == 10
    assert log_in(code=old[0]).status_code == 200
    assert is_in(log_in(code=new[0]))


def test_it_is_switched_off_with_password_and_code(factor, inside):
    for typed in ({"password": "wrong"}, {"code": wrong_code_of(factor)}):
        inside.post(SECOND, {"password": PASSWORD, "code": code_of(factor), "do": "off", **typed})
        assert SecondFactor.objects.exists()
    assert inside.post(SECOND, {"password": PASSWORD, "code": code_of(factor), "do": "off"}).url == INDEX
    assert is_in(log_in())


def test_who_finds_a_session_open_guesses_five_times(factor, inside):
    wrong = {"password": "wrong", "code": code_of(factor), "do": "off"}
    assert [inside.post(SECOND, wrong).status_code for _ in range(6)] == [200] * 5 + [429]
    new = {"old_password": PASSWORD, "new_password1": "a dozen geese", "new_password2": "a dozen geese"}
    assert inside.post(reverse("admin:password_change"), new).status_code == 429


def test_others_have_no_page_of_it(client, db):
    assert client.get(SECOND).url == f"{LOGIN}?next={SECOND}"
    client.force_login(User.objects.create_user("zeppo"))
    assert client.get(SECOND).status_code == client.get(f"{SECOND}qr.svg").status_code == 302


# Required of everybody


@pytest.fixture
def required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


def doors():
    names = ["index", "password_change", "autocomplete", "jsi18n", "events_event_changelist", "auth_user_add", "people_person_add"]
    return [*(reverse(f"admin:{name}") for name in names), reverse("admin:app_list", args=["events"]), "/admin/nowhere/"]


def test_staff_set_it_up_before_anything_else(required, admin_client, clock):
    for page in doors():
        for answer in (admin_client.get(f"{page}?q=1"), admin_client.post(page)):
            assert (answer.status_code, answer.url.split("?")[0]) == (302, SECOND), page
    secret = shown_secret(admin_client)
    wanted = admin_client.get("/admin/events/event/?q=peace").url
    answer = set_up(admin_client, secret, page=wanted, password="password")
    assert 'href="/admin/events/event/?q=peace"' in answer.text
    assert admin_client.get(INDEX).status_code == 200


def test_who_has_to_set_it_up_can_leave(required, inside):
    inside.post(reverse("admin:logout"))
    assert inside.get(SECOND).url.startswith(LOGIN)


def test_a_session_without_a_code_is_led_to_log_in_again(required, factor, inside):
    answer = inside.get("/admin/events/event/")
    assert answer.url == f"{LOGIN}?next=/admin/events/event/"
    assert "Log in again, with a code" in inside.get(answer.url).text
    log_in(client=inside, code=code_of(factor))
    assert inside.get(INDEX).status_code == 200


def test_a_session_lasts_no_longer_than_its_second_factor(required, factor):
    client = Client()
    log_in(client=client, code=code_of(factor))
    factor.delete()
    assert client.get(INDEX).url.startswith(SECOND)


def test_switched_off_it_is_set_up_anew_at_once(required, factor):
    client = Client()
    log_in(client=client, code=code_of(factor))
    off = {"password": PASSWORD, "code": code_of(factor, 1), "do": "off"}
    assert client.post(SECOND, off).url == SECOND
    assert client.get(INDEX).url.startswith(SECOND)


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"])
def test_nobody_is_sent_elsewhere(inside, clock, address):
    answer = set_up(inside, shown_secret(inside), page=f"{SECOND}?next={address}")
    assert "evil" not in answer.text
    assert "alert" not in answer.text


def test_without_the_setting_nobody_is_asked(inside, factor):
    assert inside.get(INDEX).status_code == 200


@pytest.mark.parametrize("page", ["/", "/about/", "/events/", "/api/"])
def test_the_public_needs_none_of_it(required, client, admin_client, cast, page, django_assert_num_queries):
    assert client.get(page).status_code == admin_client.get(page).status_code == 200
    assert not client.get(page).cookies
    assert not admin_client.get(page).cookies


# Sessions and passwords


def test_the_session_is_for_half_a_day_of_leisure_and_hidden_from_scripts(groucho):
    cookie = log_in().cookies["sessionid"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (12 * 60 * 60, True, "Lax")
    known = log_in().cookies["known"]
    assert (known["path"], known["httponly"], known["samesite"]) == (LOGIN, True, "Lax")


def test_work_renews_the_session_but_not_at_every_request(inside):
    assert not inside.get(INDEX).cookies.get("sessionid")
    session = inside.session
    session["renewed"] -= 16 * 60
    session.save()
    assert inside.get(INDEX).cookies["sessionid"]["max-age"] == 12 * 60 * 60
    assert not inside.get(INDEX).cookies.get("sessionid")


def test_a_new_password_ends_all_other_sessions(groucho, inside):
    other = Client()
    other.force_login(groucho)
    new = {"old_password": PASSWORD, "new_password1": "a dozen geese", "new_password2": "a dozen geese"}
    assert inside.post(reverse("admin:password_change"), new).status_code == 302
    assert inside.get(INDEX).status_code == 200
    assert other.get(INDEX).url.startswith(LOGIN)


@pytest.mark.parametrize("password", ["short", "elevenchars", "groucho@freedonia", "7" * 12, "password1234"])
def test_weak_passwords_are_refused(groucho, inside, password):
    new = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    assert inside.post(reverse("admin:password_change"), new).status_code == 200
    assert is_in(log_in())


def test_without_mail_an_administrator_is_to_be_asked(client, settings, db):
    settings.EMAIL_HOST = ""
    assert "Ask an administrator" in client.get(LOGIN).text
    pages = ["admin_password_reset", "password_reset_done", "password_reset_complete"]
    assert [client.get(reverse(page)).status_code for page in pages] == [404] * 3


@pytest.fixture
def by_mail(settings, monkeypatch):
    class AtOnce(threading.Thread):
        start = threading.Thread.run

    monkeypatch.setattr(forms, "Thread", AtOnce)
    settings.EMAIL_HOST = "mail.freedonia.example"


def ask_for_reset(email="groucho@freedonia.example", address=HOME):
    return Client().post(reverse("admin_password_reset"), {"email": email}, REMOTE_ADDR=address)


def test_a_forgotten_password_is_set_anew_by_mail_and_the_code_is_still_asked_for(by_mail, client, factor):
    assert reverse("admin_password_reset") in client.get(LOGIN).text
    ask_for_reset()
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    geese = {"new_password1": "a dozen geese", "new_password2": "a dozen geese"}
    assert client.post(form.request["PATH_INFO"], geese, follow=True).status_code == 200
    assert client.get(INDEX).url.startswith(LOGIN)
    assert log_in(password="a dozen geese").status_code == 200
    assert is_in(log_in(password="a dozen geese", code=code_of(factor)))
    assert client.post(form.request["PATH_INFO"], geese).status_code == 200  # the link has been used


def test_the_answer_does_not_say_whose_mail_is_known(by_mail, groucho):
    known, unknown = ask_for_reset(), ask_for_reset("nobody@freedonia.example")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("email", ["groucho@freedonia.example", "nobody@freedonia.example"])
def test_nobody_is_flooded_with_mail(by_mail, groucho, email):
    answers = [ask_for_reset(email, address=f"203.0.113.{number}").status_code for number in range(4)]
    assert answers == [302, 302, 302, 429]


def test_mail_that_cannot_be_sent_is_no_error_of_the_page(by_mail, groucho, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert ask_for_reset().status_code == 302


# Whose accounts these are


def test_superusers_see_who_has_a_second_factor(factor, admin_client):
    groups = [Group.objects.create(name=name) for name in ("Weavers", "Singers")]
    factor.user.groups.set(groups)
    text = admin_client.get(reverse("admin:auth_user_changelist")).text
    assert "Singers, Weavers" in text
    shown = re.findall(r'field-has_second_factor"><img [^>]*icon-(\w+)', text)
    assert sorted(shown) == ["no", "yes"]


def remove_page(user):
    return reverse("admin:auth_user_second_factor", args=[user.pk])


def test_a_superuser_removes_what_was_lost_and_it_is_written_down(factor, admin_client, admin_user):
    assert remove_page(factor.user) in admin_client.get(reverse("admin:auth_user_change", args=[factor.user.pk])).text
    assert admin_client.get(remove_page(factor.user)).status_code == 200
    assert SecondFactor.objects.exists()
    assert admin_client.post(remove_page(factor.user), follow=True).status_code == 200
    assert is_in(log_in())
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (admin_user, str(factor.user.pk), "Removed the second factor.")
    assert admin_client.post(remove_page(factor.user)).status_code == 302
    assert LogEntry.objects.count() == 1


def test_ones_own_is_not_removed_by_this_door(admin_client, admin_user):
    SecondFactor.objects.create(user=admin_user, secret=totp.new_secret(), last_step=0)
    assert remove_page(admin_user) not in admin_client.get(reverse("admin:auth_user_change", args=[admin_user.pk])).text
    assert admin_client.post(remove_page(admin_user)).status_code == 403
    assert SecondFactor.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_permission_opens_accounts_to_others(factor, inside, method):
    factor.user.user_permissions.set(Permission.objects.all())
    group = Group.objects.create(name="Weavers")
    pages = [remove_page(factor.user), reverse("admin:auth_user_password_change", args=[factor.user.pk])]
    for model, record in (("user", factor.user), ("group", group)):
        pages += [reverse(f"admin:auth_{model}_{page}") for page in ("changelist", "add")]
        pages += [reverse(f"admin:auth_{model}_{page}", args=[record.pk]) for page in ("change", "delete", "history")]
    assert {page: getattr(inside, method)(page).status_code for page in pages} == dict.fromkeys(pages, 403)


def test_the_last_superuser_gets_in_again_by_command(factor, capsys):
    call_command("remove_second_factor", "groucho")
    assert is_in(log_in())
    for name, message in (("groucho", "groucho has no second factor."), ("nobody", "There is no account nobody.")):
        with pytest.raises(CommandError, match=message):
            call_command("remove_second_factor", name)
