"""Amazon's Simple Notification Service."""

from dataclasses import dataclass, field

from alerting.documents.decode import Refused
from alerting.documents.kinds import SecretText
from alerting.routing.receivers.http_config import HttpConfig


@dataclass(frozen=True)
class Sigv4Config:
    """Who signs; left out, it is taken from the environment."""

    region: str = ""
    access_key: str = ""
    secret_key: SecretText | None = None
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    use_fips_sts_endpoint: bool = False

    def check(self) -> None:
        if bool(self.access_key) != bool(self.secret_key):
            raise Refused("must provide a AWS SigV4 Access key and Secret Key if credentials "
                          "are specified in the SigV4 config")  # fmt: skip


@dataclass(frozen=True)
class SnsConfig:
    """A topic, a phone or an endpoint; all texts are templates."""

    send_resolved: bool = True
    http_config: HttpConfig | None = None
    api_url: str = ""
    sigv4: Sigv4Config = field(default_factory=Sigv4Config)
    topic_arn: str = ""
    phone_number: str = ""
    target_arn: str = ""
    subject: str = '{{ template "sns.default.subject" . }}'
    message: str = '{{ template "sns.default.message" . }}'
    attributes: dict[str, str] = field(default_factory=dict)
    use_aws_http_client: bool = False

    def check(self) -> None:
        given = [bool(to) for to in (self.target_arn, self.topic_arn, self.phone_number)]
        if sum(given) != 1:
            raise Refused("must provide either a Target ARN, Topic ARN, or Phone Number")
