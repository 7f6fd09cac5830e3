from everypath.integrations.service_call import AwsFailure
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import StandIn

TOPIC = "arn:aws:sns:us-east-1:1:t"
PUBLISHED = "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>"
SNS_ERROR = "<ErrorResponse><Error><Code>{}</Code><Message>{}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
KEY = {"TableName": "t", "Key": {"id": {"S": "1"}}}


def test_dynamodb_tells_consumed_capacity_only_when_it_is_asked(call: Request, service: StandIn) -> None:
    service.answers({"ConsumedCapacity": {"CapacityUnits": 1.0}})
    assert call("aws-sdk:dynamodb:deleteItem", KEY).output == {}
    service.answers({"ConsumedCapacity": {"CapacityUnits": 1.0}})
    asked = call("aws-sdk:dynamodb:deleteItem", KEY | {"ReturnConsumedCapacity": "TOTAL"})
    assert asked.output == {"ConsumedCapacity": {"CapacityUnits": 1.0}}


def test_s3_names_the_encryption_and_the_type_of_the_checksum_of_what_is_put(call: Request, service: StandIn) -> None:
    service.answers("", ETag='"e"', x_amz_checksum_crc32="9NvfIQ==")
    assert call("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": "0"}).output == {
        "ChecksumCRC32": "9NvfIQ==",
        "ChecksumType": "FULL_OBJECT",
        "ETag": '"e"',
        "ServerSideEncryption": "AES256",
    }


def test_s3_is_believed_where_it_names_another_encryption(call: Request, service: StandIn) -> None:
    service.answers("", x_amz_server_side_encryption="aws:kms")
    answer = call("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": "0"})
    assert answer.output["ServerSideEncryption"] == "aws:kms"


def test_a_topic_in_order_numbers_its_messages(call: Request, service: StandIn) -> None:
    service.answers(PUBLISHED, Content_Type="text/xml")
    answer = call("sns:publish", {"TopicArn": f"{TOPIC}.fifo", "Message": "m", "MessageGroupId": "g"})
    assert answer.output["SequenceNumber"].isdigit()


def test_a_topic_in_order_asks_for_a_group(call: Request, service: StandIn) -> None:
    service.answers(SNS_ERROR.format("MissingParameter", "The request must contain the parameter MessageGroupId."), 400)
    failure = call("sns:publish", {"TopicArn": f"{TOPIC}.fifo", "Message": "m"})
    assert failure.error == "SNS.InvalidParameterException"
    assert failure.cause.startswith(
        "Invalid parameter: The MessageGroupId parameter is required for FIFO topics (Service: AmazonSNS; Status Code:"
        " 400; Error Code: InvalidParameter;"
    )


def test_a_topic_that_is_not_there_is_called_a_topic(call: Request, service: StandIn) -> None:
    service.answers(SNS_ERROR.format("NotFound", "Endpoint does not exist"), 404)
    assert call("sns:publish", {"TopicArn": TOPIC, "Message": "m"}) == AwsFailure(
        "SNS.NotFoundException",
        "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: r; Proxy: null)",
    )


def test_a_secret_cannot_have_a_name_with_a_space(call: Request, service: StandIn) -> None:
    failure = call("aws-sdk:secretsmanager:createSecret", {"Name": "Invalid Name", "SecretString": "s"})
    assert failure.error == "SecretsManager.SecretsManagerException"
    assert failure.cause.startswith("Invalid name. Must be a valid name containing alphanumeric characters, or any of")
    assert service.requests == []
