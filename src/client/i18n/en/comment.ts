import type { comment as zh } from '../zh/comment'

export const comment: Record<keyof typeof zh, string> = {
  'comment.none': 'No comments yet',
  'comment.write': 'Comment on this element',
  'comment.writeReport': 'Comment on the whole report',
  'comment.reply': 'Answer',
  'comment.replyTo': 'Answer to {who}',
  'comment.send': 'Leave the comment',
  'comment.to': 'Mention',
  'comment.mentions': 'mentions {roles}',
  'comment.resolve': 'Resolved',
  'comment.reopen': 'Not resolved',
  'comment.resolved': 'Resolved',
  'comment.onDevice': 'On this device',
  'comment.received': 'Received by the bureau',
  'comment.rejected': 'Not accepted',
  'comment.notStored': 'It could not be stored on this device. Make room and try again.',
  'comment.kept': 'The comment is on this device',
  'comment.and': ', ',
}
