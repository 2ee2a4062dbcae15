"""An alert as text and as HTML."""

from __future__ import annotations

from html import escape

from tasks.alerts.alert import Alert

_GOOD, _BAD = "#1a7f37", "#b42318"


def text_of(alert: Alert) -> str:
    """The alert as plain text."""
    facts = [f"  {name}: {value}" for name, value in alert.facts]
    link = ["", f"Report: {alert.link}"] if alert.link else []
    return "\n".join([*alert.sentences, "", *facts, *link, ""])


def html_of(alert: Alert) -> str:
    """The alert as a small page without images, scripts or styles from elsewhere."""
    cell = 'style="padding:4px 16px 4px 0;vertical-align:top"'
    rows = [f"<tr><td {cell}>{escape(name)}</td><td {cell}>{escape(value)}</td></tr>" for name, value in alert.facts]
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in alert.sentences)
    colour = _GOOD if alert.is_good else _BAD
    return (
        '<!doctype html><html lang="en"><body style="font-family:system-ui,sans-serif;max-width:40em;color:#1f2328">'
        f'<h1 style="font-size:18px;border-left:6px solid {colour};padding-left:10px">{escape(alert.subject)}</h1>'
        f"{sentences}<table>{''.join(rows)}</table>{_link(alert.link)}</body></html>"
    )


def _link(link: str) -> str:
    if link.startswith(("https://", "http://")):
        return f'<p><a href="{escape(link)}">Open the report</a></p>'
    return f"<p>Report: <code>{escape(link)}</code></p>" if link else ""
