/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The most that a picture may take, and how large one cell is taken to be. */
export interface Box {
  readonly columns: number;
  readonly rows: number;
  /** Pixels of the picture that are as wide as one cell, and as high. */
  readonly cell: Size;
}

export interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** Which side of the box stops the picture from being larger. */
  readonly bound: 'columns' | 'rows';
}

/** The cells that a picture takes in a box: its shape is kept, and it is never drawn larger than it is. */
export function fitCells(picture: Size, box: Box): Cells {
  const across = (box.columns * box.cell.width) / picture.width;
  const down = (box.rows * box.cell.height) / picture.height;
  const scale = Math.min(across, down, 1);
  return {
    columns: clamp((picture.width * scale) / box.cell.width, box.columns),
    rows: clamp((picture.height * scale) / box.cell.height, box.rows),
    bound: across <= down ? 'columns' : 'rows',
  };
}

function clamp(cells: number, most: number): number {
  return Math.max(1, Math.min(Math.round(cells), most));
}
