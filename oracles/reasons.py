"""Why nothing is attested: stable codes, each one line in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SHOWN: Final = 80
"""Most characters that a line repeats of a value from outside."""

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # fetching
    "source_down": ("the source does not answer", "数据源无响应"),
    "source_slow": ("the source did not answer within its time", "数据源超时"),
    "source_redirects": ("the source redirects, which is not followed", "数据源发生重定向，不予跟随"),
    "source_status": ("the source answers with another status than 200", "数据源返回的状态码不是 200"),
    "source_type": ("the content type is not what the feed takes", "内容类型不符合要求"),
    "source_encoding": ("the body is encoded, which was not asked for", "内容经过编码，未予请求"),
    "source_too_long": ("the body is longer than allowed", "内容超过允许的长度"),
    "source_length": ("the body is not as long as the source says", "内容长度与声明不符"),
    "certificate_expired": ("the certificate is not in force", "证书不在有效期内"),
    "certificate_refused": ("the certificate is not trusted for this host", "证书不被信任"),
    "key_not_pinned": ("the server's key is not the pinned one", "服务器密钥与固定的密钥不符"),
    "no_time": ("nothing says when the fact was observed", "缺少观测时间"),
    "clock_skew": ("the time lies ahead, or the clocks differ too much", "时间超前或时钟偏差过大"),
    "stale": ("the observation is too old", "观测数据已过时"),
    # authenticity
    "signature_missing": ("the signature is missing", "缺少签名"),
    "signature_broken": ("the signature does not fit the content", "签名与内容不符"),
    "signer_untrusted": ("the signer is not the one that is trusted", "签名人不受信任"),
    "not_whole": ("the signature does not cover the whole document", "签名未覆盖整个文件"),
    # content
    "malformed": ("the content cannot be read", "内容无法读取"),
    "duplicate_key": ("a key stands twice in one object", "同一对象中键重复"),
    "missing": ("there is no such value", "缺少该值"),
    "ambiguous": ("there is more than one such value", "该值不唯一"),
    "wrong_type": ("the value is of another type", "值的类型不符"),
    "not_a_number": ("the value is not a number", "值不是数字"),
    "huge": ("the number is too long", "数字过长"),
    "out_of_bounds": ("the value is out of its bounds", "值超出界限"),
    "mismatch": ("the value is not the expected one", "值与预期不符"),
    "other_currency": ("an entry that would count is in another currency", "相关分录为其他币种"),
    "restated": ("a disclosed month is stated anew with other figures", "已披露月份的数据被更改"),
    # the whole
    "sources_disagree": ("the sources disagree; the milestone is parked", "数据源不一致，里程碑暂停核验"),
    "month_silent": ("no figures of a month by its due day", "逾期未报送月度数据"),
    # on the way to the board
    "not_there": ("node, signer or disk is not to be had", "节点、签名服务或存储不可用"),
    "rejected": ("the board refused the attestation", "核验委员会合约拒绝了该核验证明"),
    "expired": ("the attestation was not on the chain before it expired", "核验证明在到期前未上链"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against attesting: the code, the source and field it is about, the value met, the rule it broke."""

    code: str
    source: str = ""
    field: str = ""
    value: str = ""
    rule: str = ""

    @property
    def line(self) -> str:
        return self._line(TEXTS[self.code][0], " ", "; rule: ")

    @property
    def line_zh(self) -> str:
        return self._line(TEXTS[self.code][1], "：", "；规则：")

    def as_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "source": self.source,
            "field": self.field,
            "value": self.value,
            "rule": self.rule,
        }

    def _line(self, text: str, gap: str, rule: str) -> str:
        where = " ".join(part for part in (self.source, self.field) if part)
        return (
            (f"{where}: " if where else "")
            + text
            + (f"{gap}({shown(self.value)})" if self.value else "")
            + (rule + self.rule if self.rule else "")
        )


class Refused(Exception):
    """Leaves a reader as soon as there is a reason; caught where a source is judged, never further up."""

    def __init__(self, code: str, field: str = "", value: object = "", rule: str = "") -> None:
        super().__init__(code)
        self.reason = Reason(code, "", field, shown(value), rule)


def shown(value: object) -> str:
    """A value from outside on one line, cut, and always encodable."""
    text = value if isinstance(value, str) else str(value)
    clean = "".join(c if c.isprintable() else "\ufffd" for c in text[: SHOWN + 1])
    return clean if len(clean) <= SHOWN else clean[:SHOWN] + "…"
