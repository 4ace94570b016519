import { Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, Problem } from '#http';

/** Addresses of the embedded mode that have no answer here. Each says where the answer is, which "there is nothing at this address" would not. */
@ApiExcludeController()
@Controller('v1')
export class ElsewhereController {
  @Get('notifications')
  @Allow('read')
  notifications(): never {
    throw elsewhere(
      'Notifications are in the outbox of `gatewatch alerting`, which is in Kafka and not in Elasticsearch. Its /metrics count them by receiver, channel and outcome, and its log names those given up.',
    );
  }

  @Post('logs')
  @Allow('logs:write', { streams: true })
  logs(): never {
    throw elsewhere('Logs are taken from Kafka: send them to a topic that `sources` names. Nothing was accepted.');
  }

  @Post('otlp/v1/logs')
  @Allow('logs:write', { streams: true })
  otlp(): never {
    throw elsewhere(
      'Logs are taken from Kafka: send them to a topic that `sources` names, by a collector with a Kafka exporter. Nothing was accepted.',
    );
  }

  @Get('keys')
  @Allow('admin')
  keys(): never {
    throw keysElsewhere();
  }

  @Post('keys')
  @Allow('admin', { streams: true })
  addKey(): never {
    throw keysElsewhere();
  }

  @Delete('keys/:id')
  @Allow('admin', { streams: true })
  revokeKey(): never {
    throw keysElsewhere();
  }
}

function elsewhere(detail: string): Problem {
  return new Problem(501, 'not_in_this_mode', detail);
}

function keysElsewhere(): Problem {
  return elsewhere(
    'The key file (query.keys_file) is only read here. Change it with `gatewatch keys list`, `add` and `revoke`, and --file FILE.',
  );
}
