import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '#ecs';
import { Allow, pageOf, Problems, QueryOf } from '#http';
import { doorParts, type DoorParts } from './parts.js';
import { notificationSearch, type NotificationParameters } from './searches.js';

@ApiTags('read')
@ApiSecurity('key')
@Controller('v1')
export class NotificationsController {
  constructor(@Inject(doorParts) private readonly parts: DoorParts) {}

  @Get('notifications')
  @Allow('read')
  @ApiOperation({ summary: 'What was sent or waits to be sent, newest first, with every attempt' })
  @QueryOf(notificationSearch)
  @ApiResponse({
    status: 200,
    description: 'Notifications with their ledger.',
    schema: pageOf({ type: 'object', additionalProperties: true }),
  })
  @Problems(400, 401, 403, 503)
  notifications(@Query({ schema: notificationSearch }) { state, signal, limit }: NotificationParameters): {
    data: readonly JsonObject[];
    next_cursor: null;
  } {
    const { outbox } = this.parts;
    const data = outbox.list({ ...(state && { state }), ...(signal && { signal }), limit }).map((notification) => ({
      id: notification.id,
      occasion: notification.occasion,
      receiver: notification.receiver,
      channel: notification.channel,
      state: notification.state,
      created_at: iso(notification.createdAt),
      due_at: notification.state === 'waiting' ? iso(notification.dueAt) : null,
      signal: {
        id: notification.signal.id,
        rule: notification.signal.rule.id,
        level: notification.signal.rule.level,
        reason: notification.signal.reason,
      },
      attempts: outbox.attempts(notification.id).map((attempt) => ({
        number: attempt.number,
        at: iso(attempt.at),
        outcome: attempt.outcome,
        reason: attempt.reason ?? null,
        detail: attempt.detail ?? null,
        millis: attempt.millis,
      })),
    }));
    return { data, next_cursor: null };
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
