"""An alert as an email, sent by SMTP with TLS and a time-out."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from tasks.alerts.alert import Alert
from tasks.alerts.text import html_of, text_of
from tasks.retries import is_transient
from tasks.safe_errors import describe
from tasks.settings import EmailSettings, read_secret


def send_email(alert: Alert, settings: EmailSettings) -> None:
    """Send one alert to all recipients.

    Raises:
        UsageError: a user is named and the password is not in the environment.
        smtplib.SMTPException: the server refused.
        OSError: it could not be reached in time, or its certificate is not trusted.
    """
    message = email_of(alert, settings)
    password = read_secret(settings.password_env, "alerts.email.password_env") if settings.user else ""
    with _connect(settings) as server:
        if settings.user:
            server.login(settings.user, password)
        refused = server.send_message(message)
    if refused:
        raise smtplib.SMTPRecipientsRefused(refused)


def email_of(alert: Alert, settings: EmailSettings) -> EmailMessage:
    """The alert as text and as HTML in one message."""
    message = EmailMessage()
    message["Subject"] = " ".join(alert.subject.split())
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.recipients)
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2].strip("> ") or None)
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office replies, please
    message.set_content(text_of(alert))
    message.add_alternative(html_of(alert), subtype="html")
    return message


def why_not_sent(error: BaseException) -> str:
    """The error in a line: the code that the server gave, not its text, which may repeat what it was sent."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"{type(error).__name__}: {', '.join(sorted({str(code) for code, _ in error.recipients.values()}))}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}: the server answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return f"{type(error).__name__}: the server broke off, or did not answer in time"
    return describe(error)


def is_worth_another_try(error: BaseException) -> bool:
    """Whether an email that could not be sent may go through a little later.

    A server says so itself: codes of 400 and more ask to come again, 500 and more refuse for good.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500 or isinstance(error, smtplib.SMTPConnectError)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return True
    if isinstance(error, smtplib.SMTPException | ssl.SSLCertVerificationError):
        return False
    return is_transient(error)


def _connect(settings: EmailSettings) -> smtplib.SMTP:
    trust = ssl.create_default_context(cafile=None if settings.ca_file is None else str(settings.ca_file))
    if settings.tls == "ssl":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_seconds, context=trust)
    server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
    if settings.tls == "starttls":
        try:
            server.starttls(context=trust)
        except BaseException:
            server.close()
            raise
    return server
