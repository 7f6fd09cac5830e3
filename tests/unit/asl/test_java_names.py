import pytest

from everypath.asl import java_names


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("stateMachineArn", "StateMachineArn"),
        ("Bucket", "Bucket"),
        ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("ETag", "ETag"),
        ("ChecksumCRC32", "ChecksumCRC32"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("BOOL", "Bool"),
        ("SS", "Ss"),
        ("NULL", "Nul"),
        ("equals", "EqualsValue"),
    ],
)
def test_an_sdk_integration_spells_a_field_as_the_getter_of_the_java_sdk(member: str, name: str) -> None:
    assert java_names.member_name(member) == name


@pytest.mark.parametrize(("member", "name"), [("executionArn", "ExecutionArn"), ("BOOL", "BOOL"), ("S", "S")])
def test_an_optimized_integration_capitalizes_a_field(member: str, name: str) -> None:
    assert java_names.optimized_member_name(member) == name


@pytest.mark.parametrize(
    ("service_id", "name"),
    [
        ("DynamoDB", "DynamoDb"),
        ("SFN", "Sfn"),
        ("S3", "S3"),
        ("Secrets Manager", "SecretsManager"),
        ("ACM PCA", "AcmPca"),
        ("Database Migration Service", "DatabaseMigration"),
        ("Elastic Load Balancing v2", "ElasticLoadBalancingV2"),
        ("SageMaker A2I Runtime", "SageMakerA2IRuntime"),
        ("WAFV2", "Wafv2"),
        ("IoT Wireless", "IotWireless"),
        ("IoTSiteWise", "IoTSiteWise"),
        ("XRay", "XRay"),
        ("FSx", "FSx"),
        ("codestar notifications", "CodestarNotifications"),
    ],
)
def test_errors_of_an_sdk_integration_begin_with_the_service_id_in_pascal_case(service_id: str, name: str) -> None:
    assert java_names.service_name(service_id) == name


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ("NoSuchKey", "NoSuchKeyException"),
        ("ResourceNotFoundException", "ResourceNotFoundException"),
        ("DBInstanceNotFoundFault", "DbInstanceNotFoundException"),
    ],
)
def test_an_error_of_the_api_is_an_exception_of_the_java_sdk(shape: str, name: str) -> None:
    assert java_names.exception_name(shape) == name


def test_an_optimized_integration_keeps_the_acronyms_of_an_error() -> None:
    assert java_names.optimized_exception_name("DBInstanceNotFoundFault") == "DBInstanceNotFoundException"
