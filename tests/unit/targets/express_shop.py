"""An Express workflow: an order for which a function reserves."""

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Reserve:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: app.handler, Runtime: python3.13}
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: order
      Type: EXPRESS
      Definition:
        StartAt: Reserve
        States:
          Reserve:
            Type: Task
            Resource: !GetAtt Reserve.Arn
            Retry: [{ErrorEquals: [Busy], IntervalSeconds: 2, MaxAttempts: 1}]
            Catch: [{ErrorEquals: [OutOfStock], ResultPath: null, Next: Apologise}]
            End: true
          Apologise: {Type: Wait, Seconds: 20, End: true}
"""
HANDLER = """
class OutOfStock(Exception):
    pass

class Broken(Exception):
    pass

def handler(event, context):
    if event["quantity"] > 100:
        raise Broken("who needs so many?")
    if event["quantity"] > 10:
        raise OutOfStock("only 10 left")
    return {"reserved": event["quantity"]}
"""
